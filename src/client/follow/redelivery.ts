import type { Identity } from "../../version/identity.js";
import { deadline } from "../../wire/deadline.js";
import { MessageTooLongError } from "../../wire/frames.js";
import { RpcError } from "../../wire/rpc-error.js";
import { jittered } from "../connect/jittered.js";

/** Which daemon refused a request, as far as it is known. */
export type RefusedBy = Partial<Pick<Identity, "pid" | "startedAt">>;

/** How long a request that is not delivered is sent again, ms of awake time: several restarts in a row, and more. */
export const REDELIVERY_BOUND_MS = 60_000;
/** Pauses before it is sent again, ms, from the second time on. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Decides whether one request that was never delivered is sent once more. Each daemon gets it once: a daemon that refuses
 * it twice would do so again.
 */
export class Redelivery implements Disposable {
  #bound: ReturnType<typeof deadline> | undefined;
  #refusedBy: RefusedBy | undefined;
  #pauseMs = 0;

  /**
   * Resolves with true when the request that `error` shows as not delivered should be sent again, on the next
   * connection; with false when `error` is the outcome. `by` is the daemon that it was meant for. `signal` ends the wait,
   * with its reason.
   */
  async isWorthwhile(error: unknown, by: RefusedBy, signal?: AbortSignal): Promise<boolean> {
    if (error instanceof MessageTooLongError) return false;
    if (error instanceof RpcError) {
      if (this.#refusedBy && isSame(this.#refusedBy, by)) return false;
      this.#refusedBy = by;
    }
    this.#bound ??= deadline("a daemon that takes the request", REDELIVERY_BOUND_MS, signal);
    if (this.#pauseMs > 0) await this.#bound.pause(jittered(this.#pauseMs));
    this.#pauseMs = Math.min(this.#pauseMs * 2 || FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    return !this.#bound.passed;
  }

  [Symbol.dispose](): void {
    this.#bound?.[Symbol.dispose]();
  }
}

function isSame(one: RefusedBy, other: RefusedBy): boolean {
  if (one.pid !== other.pid) return false;
  return one.startedAt === undefined || other.startedAt === undefined || one.startedAt === other.startedAt;
}
