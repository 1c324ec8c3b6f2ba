import type { HostRequest } from "./host-requests.js";

/**
 * Passes progress on at most ten times a second for each request. What comes faster is replaced by what follows; the last
 * one leaves before the answer.
 */
export class HostProgress {
  readonly #send: (frame: Buffer) => void;
  readonly #held = new Map<HostRequest, { latest: Buffer | undefined; timer: NodeJS.Timeout }>();

  constructor(send: (frame: Buffer) => void) {
    this.#send = send;
  }

  pass(request: HostRequest, frame: Buffer): void {
    const held = this.#held.get(request);
    if (held !== undefined) {
      held.latest = frame;
      return;
    }
    this.#send(frame);
    const timer = setInterval(() => this.#flush(request), INTERVAL_MS);
    this.#held.set(request, { latest: undefined, timer });
    request.onSettled.push(() => this.#stop(request));
  }

  /** Sends what is held for a request that is about to be answered. */
  finish(request: HostRequest): void {
    const latest = this.#held.get(request)?.latest;
    if (latest !== undefined) this.#send(latest);
    this.#stop(request);
  }

  #flush(request: HostRequest): void {
    const held = this.#held.get(request);
    if (held?.latest === undefined) return this.#stop(request);
    this.#send(held.latest);
    held.latest = undefined;
  }

  #stop(request: HostRequest): void {
    clearInterval(this.#held.get(request)?.timer);
    this.#held.delete(request);
  }
}

const INTERVAL_MS = 100;
