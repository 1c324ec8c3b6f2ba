import { LONGEST_DRAIN_MS } from "../../wire/control.js";
import { deadline, type Deadline } from "../../wire/deadline.js";
import type { FoundDaemon } from "../connect/find.js";
import { START_BOUND_MS } from "../spawn/start-daemon.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";

/**
 * Bounds the wait for a daemon that starts or ends without this client's help: START_BOUND_MS, and for a draining one
 * the time that its running calls still have in addition.
 */
export class StartBound implements Disposable {
  readonly #what: string;
  readonly #signal: AbortSignal | undefined;
  #deadline: Deadline;
  /** The draining daemon that is waited for: each has a drain time of its own. */
  #drainingPid: number | undefined;

  constructor(spec: DaemonSpec, signal: AbortSignal | undefined) {
    this.#what = `a daemon in ${spec.paths.dir}`;
    this.#signal = signal;
    this.#deadline = deadline(this.#what, START_BOUND_MS, signal);
  }

  /** "gave up after 60 s while waiting for a daemon in …" */
  get error(): Error {
    return this.#deadline.error;
  }

  /** True once what was found has had its time. */
  isOver(found: FoundDaemon): boolean {
    const drainingPid = found.state === "draining" ? found.identity.pid : undefined;
    if (drainingPid !== this.#drainingPid) {
      this.#drainingPid = drainingPid;
      this.#deadline[Symbol.dispose]();
      this.#deadline = deadline(this.#what, START_BOUND_MS + drainLeftMs(found, Date.now()), this.#signal);
    }
    return this.#deadline.passed;
  }

  /** Resolves after `ms`, or sooner when the time is up. Rejects with the signal's reason. */
  pause(ms: number): Promise<void> {
    return this.#deadline.pause(ms);
  }

  [Symbol.dispose](): void {
    this.#deadline[Symbol.dispose]();
  }
}

/** How long the running calls of a draining daemon may still go on, ms; 0 for any other. */
export function drainLeftMs(found: FoundDaemon, now: number): number {
  if (found.state !== "draining" || found.deadlineMs === undefined) return 0;
  // The record of a clock that was set back must not become a wait without end.
  return Math.min(Math.max(0, found.deadlineMs - now), LONGEST_DRAIN_MS);
}
