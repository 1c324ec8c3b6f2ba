import { errorFrame } from "../../mcp/answer-frames.js";
import { draining } from "../../mcp/refusals.js";
import { textAt } from "../../mcp/span.js";
import type { RequestEnvelope } from "../../wire/envelope.js";
import type { InFlight } from "../in-flight.js";
import type { Port } from "../route/port.js";

/** A session's requests that are not answered yet and that no server has: they are in flight here. */
export class HeldRequests {
  readonly #port: Port;
  readonly #inFlight: InFlight;
  /** By the request itself, since a client may use an id twice. The value ends its counting as in flight. */
  readonly #held = new Map<RequestEnvelope, () => void>();

  constructor(port: Port, inFlight: InFlight) {
    this.#port = port;
    this.#inFlight = inFlight;
  }

  hold(request: RequestEnvelope): void {
    const land = this.#inFlight.enter();
    const unload = this.#port.load.enter(request.raw.length);
    this.#held.set(request, () => {
      unload();
      land();
    });
  }

  isHeld(request: RequestEnvelope): boolean {
    return this.#held.has(request);
  }

  /** The client cancels the request whose id is `idText` in JSON. False when it is not held. It gets no answer. */
  cancel(idText: string): boolean {
    const cancelled = [...this.#held.keys()].find(({ raw, idSpan }) => textAt(raw, idSpan) === idText);
    if (cancelled === undefined) return false;
    this.release(cancelled, undefined);
    return true;
  }

  /** Answers it with `frame`, or lets it go without an answer, to the server that has it now. */
  release(request: RequestEnvelope, frame: string | undefined): void {
    const leave = this.#held.get(request);
    if (leave === undefined) return;
    this.#held.delete(request);
    if (frame !== undefined) this.#port.deliver(frame);
    leave();
  }

  /** The session is over, so no answer is due. */
  drop(): void {
    for (const request of this.#held.keys()) this.release(request, undefined);
  }

  /** Answers all of them with "draining". */
  cutOff(): void {
    for (const request of this.#held.keys()) this.release(request, drainingFrame(request));
  }
}

/** The answer to a request that no server will get, since the daemon shuts down. */
export function drainingFrame({ raw, idSpan }: RequestEnvelope): string {
  return errorFrame(textAt(raw, idSpan), draining(false));
}
