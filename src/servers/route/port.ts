import type { McpLogLevel } from "../../mcp/log-level.js";
import { bytesText } from "../../text/bytes.js";
import type { NotificationEnvelope, ResponseEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import { ClientLoad } from "./client-load.js";
import type { SessionClient } from "./session-client.js";

/** A session's end towards the hosted servers: their frames go out here, and their requests to the client are kept here. */
export class Port {
  readonly client: SessionClient;
  readonly load = new ClientLoad();
  /** Requests of hosted servers that the client has not answered, by the id under which it got them. */
  #asked: Map<string, AskedOfClient> | undefined;
  /** What keeps the client from being read at the moment. Two servers may hold it at once. */
  readonly #holds = new Set<symbol>();
  #closed = false;
  /** The client has sent all that it will send, and waits for its answers. */
  #isMute = false;
  /** The least severe log messages that the client wants, of every server that it is connected with. */
  logLevel: McpLogLevel | undefined;
  /** The URI under which the client knows a server's resource, where that is another one than the server's own. */
  seenUri: ((server: string, uri: string) => string) | undefined;
  #sentBytes = 0;
  /** Runs while more waits for the client than it should leave unread. */
  #watch: NodeJS.Timeout | undefined;

  constructor(client: SessionClient) {
    this.client = client;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends the client a hosted server's request. `id` is a string that is unique over all servers. */
  ask(id: string, frame: Buffer, asked: AskedOfClient): void {
    if (this.#isMute) return asked.abandon();
    this.#asked ??= new Map();
    this.#asked.set(id, asked);
    this.deliver(frame);
  }

  /** The hosted server no longer waits for the client's answer. */
  forget(id: string): void {
    this.#asked?.delete(id);
  }

  /** The client answers a hosted server's request. */
  takeAnswer({ id, raw, idSpan }: ResponseEnvelope): void {
    if (typeof id === "string") this.#asked?.get(id)?.answer(raw, idSpan);
  }

  /** The client reports progress on a hosted server's request. */
  takeProgress({ raw, progress }: NotificationEnvelope): void {
    if (typeof progress?.token === "string") this.#asked?.get(progress.token)?.progress(raw, progress.span);
  }

  /** The client sends nothing more, so it answers no request of a hosted server either. It still gets its answers. */
  endInput(): void {
    this.#isMute = true;
    this.#abandonAsked();
  }

  /** The session is over. */
  close(): void {
    this.#closed = true;
    this.#stopWatching();
    this.#abandonAsked();
  }

  /**
   * Stops reading from the client until the returned function is called, and until every other hold has been released
   * as well. `reason` is for a debugger.
   */
  hold(reason: string): () => void {
    const hold = Symbol(reason);
    if (this.#holds.size === 0) this.client.pause();
    this.#holds.add(hold);
    return () => {
      if (this.#holds.delete(hold) && this.#holds.size === 0) this.client.resume();
    };
  }

  /**
   * Sends a frame; false: the client's buffer is full. A client that does not read is disconnected when too much waits for
   * it, since the daemon's memory serves all clients. One that reads gets everything, however large.
   */
  deliver(frame: Buffer | string): boolean {
    if (this.#closed) return true;
    const hasRoom = this.client.send(frame);
    this.#sentBytes += frame.length;
    const unread = this.client.bufferedBytes();
    if (unread > MAX_BYTES) this.#disconnect(MAX_BYTES);
    else if (unread > MAX_UNREAD_BYTES) this.#watch ??= this.#watchReading();
    return hasRoom;
  }

  #abandonAsked(): void {
    for (const asked of [...(this.#asked?.values() ?? [])]) asked.abandon();
  }

  /** Looks every second whether the client takes anything of what waits for it. */
  #watchReading(): NodeJS.Timeout {
    let taken = this.#sentBytes - this.client.bufferedBytes();
    let since = performance.now();
    const watch = setInterval(() => {
      const unread = this.client.bufferedBytes();
      const now = performance.now();
      if (this.#closed || unread <= MAX_UNREAD_BYTES) return this.#stopWatching();
      if (this.#sentBytes - unread > taken) {
        taken = this.#sentBytes - unread;
        since = now;
      } else if (now - since >= NOT_READING_MS) this.#disconnect(MAX_UNREAD_BYTES);
    }, WATCH_MS);
    watch.unref();
    return watch;
  }

  #stopWatching(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #disconnect(limit: number): void {
    this.#closed = true;
    this.#stopWatching();
    this.client.kill(new Error(`The client does not read: more than ${bytesText(limit)} wait for it.`));
  }
}

/** A hosted server's request that a client is to answer. */
export interface AskedOfClient {
  /** Takes the client's answer. */
  answer(raw: Buffer, idSpan: Span): void;
  /** Takes the client's progress on it. */
  progress(raw: Buffer, tokenSpan: Span): void;
  /** The client disconnected without an answer. */
  abandon(): void;
}

/** A client that reads nothing for 30 s while more than this waits for it is disconnected. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
const NOT_READING_MS = 30_000;
const WATCH_MS = 1_000;

/** No client may have more than this unread, so that the daemon's memory has a bound. */
const MAX_BYTES = 512 * 1024 * 1024;
