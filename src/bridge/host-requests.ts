import { textAt } from "../mcp/span.js";
import type { AwakeTimer } from "../wire/awake.js";
import type { RequestEnvelope } from "../wire/envelope.js";
import type { DaemonFrames } from "./daemon-frames.js";

/** A request of the host that has no answer yet. */
export interface HostRequest {
  readonly request: RequestEnvelope;
  /** Its id as JSON text: 1 and "1" are different ids. */
  readonly idText: string;
  /** When it came, ms of the monotonic clock. */
  readonly since: number;
  /** Where it was sent; undefined while it waits for a connection. */
  sent: Sent | undefined;
  /** Bounds that wait. */
  waiting: AwakeTimer | undefined;
  /** The daemon that refused to take it, if one did: its PID and its start. */
  refusedBy: string | undefined;
  /** The host has got an answer already, for want of the real one. */
  isAnswered: boolean;
  /** Called once when it needs no answer any more. */
  readonly onSettled: (() => void)[];
}

/** On which connection a request was sent, as which of its frames. `onOver`: it is answered, or the connection is over. */
export interface Sent {
  readonly daemon: DaemonFrames;
  readonly frame: number;
  onOver(): void;
}

/** The open requests of the host, in the order in which they came. */
export class HostRequests {
  readonly #open = new Map<string, HostRequest>();

  /** Undefined if the id is in use: an answer could not be told from that of the other request. */
  add(request: RequestEnvelope): HostRequest | undefined {
    const idText = textAt(request.raw, request.idSpan);
    if (this.#open.has(idText)) return undefined;
    const added: HostRequest = {
      request,
      idText,
      since: performance.now(),
      sent: undefined,
      waiting: undefined,
      refusedBy: undefined,
      isAnswered: false,
      onSettled: [],
    };
    this.#open.set(idText, added);
    return added;
  }

  get(idText: string): HostRequest | undefined {
    return this.#open.get(idText);
  }

  /** The open request that `token` is the progress token of. */
  withToken(token: string | number): HostRequest | undefined {
    for (const open of this.#open.values()) if (open.request.progress?.token === token) return open;
    return undefined;
  }

  /** It is answered, or cancelled. */
  settle(settled: HostRequest): void {
    if (this.#open.get(settled.idText) === settled) this.#open.delete(settled.idText);
    settled.waiting?.stop();
    settled.sent?.onOver();
    for (const callback of settled.onSettled.splice(0)) callback();
  }

  get size(): number {
    return this.#open.size;
  }

  /** Those that have not been sent, oldest first. */
  waiting(): HostRequest[] {
    return [...this.#open.values()].filter(({ sent }) => sent === undefined);
  }

  /** Those that were sent on this connection, oldest first. */
  sentOn(daemon: DaemonFrames): HostRequest[] {
    return [...this.#open.values()].filter(({ sent }) => sent?.daemon === daemon);
  }
}
