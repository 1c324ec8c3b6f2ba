import type { ClientIntroduction } from "../process/hello.js";

/** A connected client as a session sees it, with what it said in `initialize`. The daemon makes one for each connection. */
export interface SessionClient extends ClientIntroduction {
  /** Its lists are answered with what is known of servers that do not run, which are not started for it. */
  readonly takesKnownLists?: boolean;
  /** False: the client's buffer is full; `onDrain` reports when it is not. Never throws. */
  send(raw: Buffer | string): boolean;
  /** Calls back once, when the buffer has room again or the connection has ended. */
  onDrain(callback: () => void): void;
  /** Bytes that were sent to it and are still buffered in this process. */
  bufferedBytes(): number;
  /** Stops and resumes the reading of what the client sends. */
  pause(): void;
  resume(): void;
  /** Ends the connection because of the error, which names the reason. */
  kill(error: Error): void;
}
