import type { Readable, Writable } from "node:stream";

import { afterAwake } from "./awake.js";
import { DeadlineError } from "./deadline.js";
import { NOTIFICATION } from "./control.js";
import { FrameStream, type FrameStreamHandlers } from "./frame-stream.js";
import { requireFrameLength } from "./frames.js";
import { isObject, parseMessage, type Message } from "./message.js";
import { requestFrame, resultText } from "./request-frame.js";
import { errorOf, errorMember, readRpcError, RpcError } from "./rpc-error.js";

/** The connection ended before a request was answered. A request that was not delivered can be sent again. */
export class PeerClosedError extends Error {
  /**
   * False only when the request is known not to have left this process whole, or not to have been read by the daemon
   * (see `Ended`); otherwise its outcome is unknown.
   */
  readonly delivered: boolean;

  constructor(message: string, delivered: boolean, cause?: Error) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "PeerClosedError";
    this.delivered = delivered;
  }
}

export class RequestTimeoutError extends Error {
  readonly method: string;
  readonly timeoutMs: number;
  /** False: there was no connection on which the request could be sent. */
  readonly delivered: boolean;

  constructor(method: string, timeoutMs: number, delivered = true) {
    const what = delivered ? "was not answered" : "could not be sent, since no daemon was connected,";
    super(`${method} ${what} within ${timeoutMs / 1000} s.`);
    this.name = "RequestTimeoutError";
    this.method = method;
    this.timeoutMs = timeoutMs;
    this.delivered = delivered;
  }
}

/** A progress notification for one request, as MCP defines it. */
export interface RequestProgress {
  progress: number;
  total?: number;
  message?: string;
}

export interface RequestOptions {
  /** Ms of awake time. Without it the request waits as long as the connection lasts. */
  timeoutMs?: number;
  /** An abort cancels the request on the other side too, and rejects with the signal's reason. */
  signal?: AbortSignal;
  onProgress?: (progress: RequestProgress) => void;
}

export interface PeerHandlers {
  /**
   * Returns or resolves with the result; an exception, or a result that is no JSON, is the error answer. Without it only
   * `ping` is known.
   */
  onRequest?(method: string, params: unknown, id: unknown): unknown;
  /**
   * Gets every notification except the progress of our own requests. An exception, or a promise that rejects, ends the
   * connection.
   */
  onNotification?(method: string, params: unknown): unknown;
  /** Once, when the connection is over, whichever side ended it. */
  onClose?(error: Error | undefined): void;
  /** Any bytes were received, including raw heartbeats. */
  onActivity?(): void;
  /** A raw heartbeat was received: PreviewsMCP's, between two frames. */
  onHeartbeat?(): void;
}

/** As the SDK numbers it, which goes on with 1 on a connection that it takes over after the handshake. */
const INITIALIZE_ID = 0;

/** This many notifications wait for the first handlers; of more, the oldest are dropped. */
const MAX_HELD = 1_000;

/**
 * One side of a JSON-RPC connection over a socket or a pair of pipes. Answers `ping` itself. Without handlers it holds
 * notifications, and the end of the connection, until `setHandlers`: they may come in one packet with the answer to the
 * handshake.
 */
export class Peer {
  readonly #stream: FrameStream;
  readonly #pending = new Map<unknown, Pending>();
  #handlers: PeerHandlers;
  #lastId = 0;
  /** The notifications that came before the first handlers were set. */
  #held: Buffer[] | undefined;
  /** How the connection ended, if that was before the first handlers were set. */
  #heldEnd: { error: Error | undefined } | undefined;
  /** Gets all frames instead of this peer. */
  #successor: FrameStreamHandlers | undefined;
  /** How many frames were sent on this connection before the peer was made. */
  #framesBefore = 0;
  /** The number of the last frame that the daemon took, once it has said so. */
  #lastReceived = Infinity;
  /** The reason that the other side gave before it hung up, in an error that answers no request. */
  #complaint: string | undefined;

  constructor(input: Readable, output: Writable, handlers?: PeerHandlers) {
    this.#handlers = handlers ?? {};
    if (!handlers) this.#held = [];
    this.#stream = new FrameStream(input, output, {
      onFrame: (raw) => this.#onFrame(raw),
      onActivity: () => (this.#successor ?? this.#handlers).onActivity?.(),
      onHeartbeat: () => (this.#successor ?? this.#handlers).onHeartbeat?.(),
      onClose: (error) => {
        this.#rejectPending(error);
        if (this.#held) this.#heldEnd = { error };
        else (this.#successor ?? this.#handlers).onClose?.(error);
      },
      label: "peer",
    });
  }

  get closed(): boolean {
    return this.#stream.closed;
  }

  /**
   * Replaces all handlers, for example after the handshake. The first ones get, in the next tick, what was held until
   * then.
   */
  setHandlers(handlers: PeerHandlers): void {
    this.#handlers = handlers;
    this.#deliverHeld();
  }

  /**
   * Gives the connection away as a stream of frames, whose handlers get everything from now on, and first, in the next
   * tick, what was held. No request may be open, and this peer is of no use afterwards.
   */
  release(handlers: FrameStreamHandlers): FrameStream {
    if (this.#pending.size > 0) throw new Error(`a connection with ${this.#pending.size} open requests was released`);
    this.#successor = handlers;
    this.#deliverHeld();
    return this.#stream;
  }

  /**
   * Sends a request; resolves with its result. Rejects with RpcError (the other side's error), RequestTimeoutError,
   * PeerClosedError, MessageTooLongError, or the signal's reason. An answer that comes after that is ignored.
   */
  request(method: string, params?: object, options: RequestOptions = {}): Promise<unknown> {
    return this.#request(method, params, options, ({ result }) => result);
  }

  /**
   * Like `request`, but resolves with the result's JSON text, in which numbers of any size are as they came. Params may be
   * ParamsText for the same reason.
   */
  requestText(method: string, params: object, options: RequestOptions = {}): Promise<string> {
    return this.#request(method, params, options, (_message, raw) => resultText(raw));
  }

  /**
   * Waits for the answer to a request that was sent on this connection before the peer was made. Called before anything
   * else is sent. Resolves like `requestText`, and rejects like `request`.
   */
  adopt({ id, frame }: SentRequest, method: string, options: RequestOptions = {}): Promise<string> {
    if (this.closed) return Promise.reject(this.#closedError(method, true, undefined));
    this.#lastId = Math.max(this.#lastId, id);
    this.#framesBefore = frame;
    return this.#answerTo(id, method, 0, options, (_message, raw) => resultText(raw));
  }

  async #request<T>(method: string, params: object | undefined, options: RequestOptions, read: Read<T>): Promise<T> {
    if (this.closed || this.#lastReceived < Infinity) throw this.#closedError(method, false, undefined);
    options.signal?.throwIfAborted();
    const id = method === "initialize" ? INITIALIZE_ID : ++this.#lastId;
    const frame = requestFrame(id, method, params, options.onProgress !== undefined);
    requireFrameLength(frame);
    this.#stream.send(frame);
    return this.#answerTo(id, method, this.#stream.framesSent, options, read);
  }

  #answerTo<T>(id: number, method: string, frame: number, options: RequestOptions, read: Read<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const { timeoutMs, signal, onProgress } = options;
      const settle = (): void => {
        this.#pending.delete(id);
        timer?.stop();
        signal?.removeEventListener("abort", onAbort);
      };
      const giveUp = (error: Error, reason: string): void => {
        settle();
        // MCP forbids cancelling `initialize`; the caller hangs up instead.
        if (method !== "initialize") this.notify("notifications/cancelled", { requestId: id, reason });
        reject(error);
      };
      const onAbort = (): void => {
        const error = signal?.reason as Error;
        giveUp(error, error instanceof RequestTimeoutError || error instanceof DeadlineError ? "timeout" : "aborted");
      };
      const timer =
        timeoutMs === undefined
          ? undefined
          : afterAwake(timeoutMs, () => giveUp(new RequestTimeoutError(method, timeoutMs), "timeout"));
      signal?.addEventListener("abort", onAbort);
      const take: Pending["take"] = (message, raw) => resolve(read(message, raw));
      this.#pending.set(id, { method, frame, onProgress, settle, giveUp, take, reject });
    });
  }

  /** Sends a notification; on a closed connection it is dropped. Throws MessageTooLongError. */
  notify(method: string, params?: object): void {
    const frame = JSON.stringify({ jsonrpc: "2.0", method, params });
    requireFrameLength(frame);
    this.#stream.send(frame);
  }

  /** Cancels every open request on the other side and rejects it with `error`. The connection stays open. */
  abandon(error: Error): void {
    for (const { giveUp } of [...this.#pending.values()]) giveUp(error, error.message);
  }

  /** Flushes and ends the connection (at once, with an error) and rejects open requests. Idempotent. */
  close(error?: Error): void {
    this.#stream.close(error);
    this.#rejectPending(error);
  }

  #onFrame(raw: Buffer): void {
    if (this.#successor) return this.#held ? void this.#held.push(raw) : this.#successor.onFrame(raw);
    const message = parseMessage(raw);
    const { id, method, params } = message;
    if (typeof method !== "string") return this.#onResponse(message, raw);
    if (id !== undefined) void this.#answer(id, method, params);
    else if (method === NOTIFICATION.ended) this.#onEnded(params);
    else if (method !== "notifications/progress" || !this.#onProgress(params)) {
      if (this.#held) this.#hold(this.#held, raw);
      else this.#onNotification(method, params);
    }
  }

  #hold(held: Buffer[], raw: Buffer): void {
    held.push(raw);
    if (held.length > MAX_HELD) held.shift();
  }

  #deliverHeld(): void {
    if (!this.#held) return;
    process.nextTick(() => {
      const [held, end] = [this.#held ?? [], this.#heldEnd];
      this.#held = undefined;
      this.#heldEnd = undefined;
      try {
        for (const raw of held) if (end || !this.#stream.closed) this.#onFrame(raw);
      } catch (error) {
        this.close(errorOf(error));
      }
      if (end) (this.#successor ?? this.#handlers).onClose?.(end.error);
    });
  }

  #onNotification(method: string, params: unknown): void {
    const done = this.#handlers.onNotification?.(method, params);
    if (done instanceof Promise) done.catch((error: unknown) => this.close(errorOf(error)));
  }

  #onEnded(params: unknown): void {
    const received = isObject(params) ? params["received"] : undefined;
    if (typeof received === "number" && received >= 0) this.#lastReceived = received;
  }

  #onResponse(message: Message, raw: Buffer): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) {
      if (message.id === null && isObject(message.error)) this.#complaint = String(message.error["message"]);
      return;
    }
    pending.settle();
    if (message.error === undefined || message.error === null) pending.take(message, raw);
    else pending.reject(readRpcError(message.error));
  }

  #onProgress(params: unknown): boolean {
    if (!isObject(params)) return false;
    const onProgress = this.#pending.get(params["progressToken"])?.onProgress;
    if (onProgress === undefined || typeof params["progress"] !== "number") return false;
    const { progress, total, message } = params;
    onProgress({
      progress,
      ...(typeof total === "number" && { total }),
      ...(typeof message === "string" && { message }),
    });
    return true;
  }

  async #answer(id: unknown, method: string, params: unknown): Promise<void> {
    const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)}`;
    try {
      const result = JSON.stringify((await this.#resultOf(method, params, id)) ?? {}) as string | undefined;
      if (result === undefined) throw new RpcError(-32603, `the result of ${method} is no JSON value`);
      const frame = `${head},"result":${result}}`;
      requireFrameLength(frame);
      this.#stream.send(frame);
    } catch (error) {
      this.#stream.send(`${head},"error":${JSON.stringify(errorMember(error))}}`);
    }
  }

  #resultOf(method: string, params: unknown, id: unknown): unknown {
    if (method === "ping") return {};
    if (this.#handlers.onRequest) return this.#handlers.onRequest(method, params, id);
    throw new RpcError(-32601, `Method not found: ${method}`);
  }

  #rejectPending(cause: Error | undefined): void {
    for (const { method, frame, settle, reject } of [...this.#pending.values()]) {
      settle();
      const wasRead = this.#framesBefore + frame <= this.#lastReceived;
      reject(this.#closedError(method, wasRead && frame <= this.#stream.framesLeft, cause));
    }
  }

  #closedError(method: string, delivered: boolean, cause: Error | undefined): PeerClosedError {
    const what = delivered ? "ended before it was answered" : "ended before it was sent";
    const why = this.#complaint ?? cause?.message;
    return new PeerClosedError(`${method}: the connection ${what}${why ? `: ${why}` : "."}`, delivered, cause);
  }
}

/** A request that was sent without a peer: its id, which is its progress token too, and the number of its frame. */
export interface SentRequest {
  id: number;
  frame: number;
}

interface Pending {
  method: string;
  /** The number of the request's frame among all that were sent. */
  frame: number;
  onProgress: RequestOptions["onProgress"];
  settle: () => void;
  giveUp: (error: Error, reason: string) => void;
  take: (message: Message, raw: Buffer) => void;
  reject: (error: Error) => void;
}

/** What the caller gets of an answer. */
type Read<T> = (message: Message, raw: Buffer) => T;
