import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage, JSONRPCRequest, RequestId } from "@modelcontextprotocol/sdk/types.js";

import { asObject } from "../../wire/message.js";
import { errorMember, readRpcError, RpcError } from "../../wire/rpc-error.js";
import { OutcomeUnknownError, wasNeverDelivered } from "../follow/delivery.js";
import type { ReconnectingClient } from "../follow/reconnecting-client.js";
import { answerToInitialize, isInitialize } from "./made-handshake.js";

/** The SDK's transport over a client that reconnects: it ends only when that is closed. */
export class RequestTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport["onmessage"];
  readonly #client: ReconnectingClient;
  #started = false;
  /** The SDK's open requests. */
  readonly #sent = new Map<RequestId, AbortController>();
  /** The server's requests that the SDK has not answered. */
  readonly #asked = new Map<RequestId, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #lastAsked = 0;

  constructor(client: ReconnectingClient) {
    this.#client = client;
  }

  async start(): Promise<void> {
    if (this.#started) throw new Error("This transport was already started.");
    this.#started = true;
    this.#client.setHandlers({
      onNotification: (method, params) => this.#deliver({ method, params }),
      onRequest: (method, params) => this.#ask(method, params),
      onState: ({ state }) => {
        if (state === "closed") this.#onClosed();
      },
    });
  }

  /** Never waits for an answer; rejects when the client was closed. */
  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#client.isClosed) throw new Error("The connection is closed.");
    if ("method" in message && "id" in message) void this.#answer(message);
    else if ("method" in message) this.#notify(message.method, message.params);
    else if (message.id !== undefined) this.#onAnswer(message.id, message);
  }

  async close(): Promise<void> {
    if (this.#client.isClosed) return;
    if (!this.#started) await this.start();
    this.#client.close();
  }

  async #answer(request: JSONRPCRequest): Promise<void> {
    const { id, method, params } = request;
    const abort = new AbortController();
    this.#sent.set(id, abort);
    try {
      if (isInitialize(request)) return this.#deliver(answerToInitialize(request, await this.#client.handshake()));
      this.#deliver({ id, result: await this.#client.request(method, params, { signal: abort.signal }) });
    } catch (error) {
      if (!abort.signal.aborted) this.#deliver({ id, error: errorMember(withDelivery(error)) });
    } finally {
      this.#sent.delete(id);
    }
  }

  #notify(method: string, params: object = {}): void {
    switch (method) {
      case "notifications/initialized":
        // The client sends it itself, to each daemon.
        return;
      case "notifications/cancelled": {
        const { requestId, reason } = asObject(params);
        return this.#sent.get(requestId as RequestId)?.abort(new Error(String(reason)));
      }
      default:
        return this.#client.notify(method, params);
    }
  }

  #ask(method: string, params: unknown): Promise<unknown> {
    const id = `asked-${++this.#lastAsked}`;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#deliver({ id, method, params });
    });
  }

  #onAnswer(id: RequestId, answer: object): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if ("error" in answer) asked?.reject(readRpcError(answer.error));
    else if ("result" in answer) asked?.resolve(answer.result);
  }

  #onClosed(): void {
    for (const { reject } of this.#asked.values()) reject(new Error("the client was closed"));
    this.#asked.clear();
    this.onclose?.();
  }

  #deliver(message: object): void {
    this.onmessage?.({ jsonrpc: "2.0", ...message } as JSONRPCMessage);
  }
}

/** The SDK knows errors by code and data only, so what is known of the request's fate goes there. */
function withDelivery(error: unknown): unknown {
  if (error instanceof RpcError) return error;
  const { message } = error as Error;
  if (error instanceof OutcomeUnknownError) {
    return new RpcError(INTERNAL_ERROR, message, { delivered: true, outcome: "unknown" });
  }
  return wasNeverDelivered(error) ? new RpcError(INTERNAL_ERROR, message, { delivered: false }) : error;
}

const INTERNAL_ERROR = -32603;
