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
