import { afterAwake, type AwakeTimer } from "../../wire/awake.js";
import { RequestTimeoutError, type RequestOptions } from "../../wire/peer.js";

/** Bounds all of one request, the wait for a connection included, by `timeoutMs` of awake time and by `signal`. */
export class RequestBound implements Disposable {
  /** Has the request left on a connection? When the time is up, the error says so. */
  isSent = false;
  /** Aborts with RequestTimeoutError, or with the caller's reason. Undefined: nothing bounds the request. */
  readonly signal: AbortSignal | undefined;
  readonly #callers: AbortSignal | undefined;
  readonly #timer: AwakeTimer | undefined;
  readonly #end = new AbortController();

  constructor(method: string, { timeoutMs, signal }: Pick<RequestOptions, "timeoutMs" | "signal">) {
    this.#callers = signal;
    if (timeoutMs === undefined) {
      this.signal = signal;
      return;
    }
    this.signal = this.#end.signal;
    this.#timer = afterAwake(timeoutMs, () => this.#end.abort(new RequestTimeoutError(method, timeoutMs, this.isSent)));
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  [Symbol.dispose](): void {
    this.#timer?.stop();
    this.#callers?.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => this.#end.abort(this.#callers?.reason);
}
