import type { Readable, Writable } from "node:stream";

import { afterAwake } from "./awake.js";
import { FrameStream } from "./frame-stream.js";
import { isObject, parseMessage, type Message } from "./message.js";
import { errorMember, readRpcError, RpcError } from "./rpc-error.js";

/** The connection ended before a request was answered. A request that was not delivered can be sent again. */
export class PeerClosedError extends Error {
  /** False only when the request is known not to have left this process whole; otherwise its outcome is unknown. */
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

  constructor(method: string, timeoutMs: number) {
    super(`${method} was not answered within ${timeoutMs / 1000} s.`);
    this.name = "RequestTimeoutError";
    this.method = method;
    this.timeoutMs = timeoutMs;
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
  /** Returns or resolves with the result; an exception is the error answer. Without it only `ping` is known. */
  onRequest?(method: string, params: unknown): unknown;
  /** Gets every notification except the progress of our own requests. An exception ends the connection. */
  onNotification?(method: string, params: unknown): void;
  /** Once, when the connection is over, whichever side ended it. */
  onClose?(error: Error | undefined): void;
  /** Any bytes were received, including raw heartbeats. */
  onActivity?(): void;
}

/** One side of a JSON-RPC connection over a socket or a pair of pipes. Answers `ping` itself. */
export class Peer {
  readonly #stream: FrameStream;
  readonly #pending = new Map<unknown, Pending>();
  #handlers: PeerHandlers;
  #lastId = 0;
  /** The reason that the other side gave before it hung up, in an error that answers no request. */
  #complaint: string | undefined;

  constructor(input: Readable, output: Writable, handlers: PeerHandlers = {}) {
    this.#handlers = handlers;
    this.#stream = new FrameStream(input, output, {
      onFrame: (raw) => this.#onFrame(raw),
      onActivity: () => this.#handlers.onActivity?.(),
      onClose: (error) => {
        this.#rejectPending(error);
        this.#handlers.onClose?.(error);
      },
      label: "peer",
    });
  }

  get closed(): boolean {
    return this.#stream.closed;
  }

  /** Replaces all handlers, for example after the handshake. */
  setHandlers(handlers: PeerHandlers): void {
    this.#handlers = handlers;
  }

  /**
   * Sends a request; resolves with its result. Rejects with RpcError (the other side's error), RequestTimeoutError,
   * PeerClosedError, or the signal's reason. An answer that comes after that is ignored.
   */
  async request(method: string, params?: object, options: RequestOptions = {}): Promise<unknown> {
    if (this.closed) throw this.#closedError(method, false, undefined);
    options.signal?.throwIfAborted();
    const id = ++this.#lastId;
    const sent = options.onProgress === undefined ? params : withProgressToken(params, id);
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", id, method, params: sent }));
    return this.#answerTo(id, method, this.#stream.framesSent, options);
  }

  /**
   * Waits for the answer to request `id`, which was sent on this connection before the peer was made and has `id` as its
   * progress token too. Rejects like `request`.
   */
  adopt(id: number, method: string, options: RequestOptions = {}): Promise<unknown> {
    if (this.closed) return Promise.reject(this.#closedError(method, true, undefined));
    this.#lastId = Math.max(this.#lastId, id);
    return this.#answerTo(id, method, 0, options);
  }

  #answerTo(id: number, method: string, frame: number, options: RequestOptions): Promise<unknown> {
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
      const onAbort = (): void => giveUp(signal?.reason as Error, "aborted");
      const timer =
        timeoutMs === undefined
          ? undefined
          : afterAwake(timeoutMs, () => giveUp(new RequestTimeoutError(method, timeoutMs), "timeout"));
      signal?.addEventListener("abort", onAbort);
      this.#pending.set(id, { method, frame, onProgress, settle, giveUp, resolve, reject });
    });
  }

  /** Sends a notification; on a closed connection it is dropped. */
  notify(method: string, params?: object): void {
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
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
    const message = parseMessage(raw);
    const { id, method, params } = message;
    if (typeof method !== "string") return this.#onResponse(message);
    if (id !== undefined) void this.#answer(id, method, params);
    else if (method !== "notifications/progress" || !this.#onProgress(params)) {
      this.#handlers.onNotification?.(method, params);
    }
  }

  #onResponse(message: Message): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) {
      if (message.id === null && isObject(message.error)) this.#complaint = String(message.error["message"]);
      return;
    }
    pending.settle();
    if (message.error === undefined || message.error === null) pending.resolve(message.result);
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
    let answer: object;
    try {
      answer = { result: (await this.#resultOf(method, params)) ?? {} };
    } catch (error) {
      answer = { error: errorMember(error) };
    }
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
  }

  #resultOf(method: string, params: unknown): unknown {
    if (method === "ping") return {};
    if (this.#handlers.onRequest) return this.#handlers.onRequest(method, params);
    throw new RpcError(-32601, `Method not found: ${method}`);
  }

  #rejectPending(cause: Error | undefined): void {
    for (const { method, frame, settle, reject } of [...this.#pending.values()]) {
      settle();
      reject(this.#closedError(method, frame <= this.#stream.framesLeft, cause));
    }
  }

  #closedError(method: string, delivered: boolean, cause: Error | undefined): PeerClosedError {
    const what = delivered ? "ended before it was answered" : "ended before it was sent";
    const why = this.#complaint ?? cause?.message;
    return new PeerClosedError(`${method}: the connection ${what}${why ? `: ${why}` : "."}`, delivered, cause);
  }
}

interface Pending {
  method: string;
  /** The number of the request's frame among all that were sent. */
  frame: number;
  onProgress: RequestOptions["onProgress"];
  settle: () => void;
  giveUp: (error: Error, reason: string) => void;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

function withProgressToken(params: object | undefined, token: number): object {
  const meta: unknown = params !== undefined && "_meta" in params ? params._meta : undefined;
  return { ...params, _meta: { ...(isObject(meta) ? meta : undefined), progressToken: token } };
}
