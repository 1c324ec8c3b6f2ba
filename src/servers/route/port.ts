import type { NotificationEnvelope, ResponseEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import type { SessionClient } from "../session/session.js";

/** One session's end towards the hosted servers: what they answer goes out here, and what they ask is noted here. */
export class Port {
  readonly client: SessionClient;
  /** Requests of hosted servers that the client has not answered, by the id under which it got them. */
  asked: Map<string, AskedOfClient> | undefined;
  closed = false;

  constructor(client: SessionClient) {
    this.client = client;
  }

  /** The client answers what a hosted server asked of it. */
  takeAnswer({ id, raw, idSpan }: ResponseEnvelope): void {
    if (typeof id === "string") this.asked?.get(id)?.answer(raw, idSpan);
  }

  /** The client reports progress on what a hosted server asked of it. */
  takeProgress({ raw, progress }: NotificationEnvelope): void {
    if (typeof progress?.token === "string") this.asked?.get(progress.token)?.progress(raw, progress.span);
  }

  /** The session is over. */
  close(): void {
    this.closed = true;
    for (const asked of [...(this.asked?.values() ?? [])]) asked.abandon();
  }

  /**
   * Sends a frame; false: the client's buffer is full. A client that lets too much lie there is cut off, since the
   * daemon's memory serves all.
   */
  deliver(frame: Buffer | string): boolean {
    if (this.closed) return true;
    if (this.client.bufferedBytes() <= MAX_WAITING_BYTES) return this.client.send(frame);
    this.closed = true;
    const mib = MAX_WAITING_BYTES / 1024 / 1024;
    this.client.kill(new Error(`The client does not read: more than ${mib} MiB wait for it.`));
    return true;
  }
}

/** A hosted server's request that a client is to answer. */
export interface AskedOfClient {
  /** Takes the client's answer. */
  answer(raw: Buffer, idSpan: Span): void;
  /** Takes the client's progress on it. */
  progress(raw: Buffer, tokenSpan: Span): void;
  /** The client went away. */
  abandon(): void;
}

const MAX_WAITING_BYTES = 64 * 1024 * 1024;
