import type { Envelope } from "../../wire/envelope.js";
import type { Offer } from "../offer.js";
import type { Port } from "../route/port.js";
import type { ServerTable } from "../server-table.js";

/** One client's conversation with one hosted server, or with all of them. */
export interface Session {
  /** Takes what the client sends, except what is for the daemon itself. Answers go to the client. */
  handle(envelope: Envelope): void;
  /**
   * What the client can be offered; undefined when the server is not ready within `waitMs`. Rejects with an RpcError
   * when there is no such server.
   */
  offer(waitMs: number): Promise<Offer | undefined>;
  /** The client disconnected: its open requests are cancelled. */
  close(): void;
}

/** A connected client as a session sees it. The daemon makes one for each connection. */
export interface SessionClient {
  /** False: the client's buffer is full; `onDrain` reports when it is not. Never throws. */
  send(raw: Buffer | string): boolean;
  /** Calls back once, when the buffer has room again or the connection has ended. */
  onDrain(callback: () => void): void;
  /** Bytes that were sent to it and are still buffered in this process. */
  bufferedBytes(): number;
  /** Stops and resumes the reading of what the client sends. */
  pause(): void;
  resume(): void;
  /** What the client declared in `initialize`. */
  readonly capabilities: Record<string, unknown>;
  /** Ends the connection because of the error, which names the reason. */
  kill(error: Error): void;
}

/** What a session needs of the hosted servers. */
export interface SessionContext {
  table: ServerTable;
  /** True while the daemon shuts down. */
  isRefusing(): boolean;
  onClosed(port: Port): void;
}
