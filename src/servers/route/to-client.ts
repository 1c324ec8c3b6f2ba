import {
  parseSpan,
  replaceSpans,
  type Envelope,
  type NotificationEnvelope,
  type ResponseEnvelope,
} from "../../wire/envelope.js";
import { resultFrame } from "../../mcp/answer-frames.js";
import { isSubscription } from "../../mcp/era.js";
import { subscriptionSpan } from "../../mcp/meta.js";
import { memberSpan, textAt } from "../../mcp/span.js";
import type { ServerProcess } from "../process/server-process.js";
import { frameToClient, readServerAnswer } from "./asker.js";
import type { ClientState } from "./client-state.js";
import type { Ghosts } from "./ghosts.js";
import type { OpenRequest, OpenRequests } from "./open-requests.js";
import { listenersToLog } from "./log-levels.js";
import type { Port } from "./port.js";
import type { ServerRequests } from "./server-requests.js";

export interface ReturnPathOptions {
  process: ServerProcess;
  open: OpenRequests;
  ghosts: Ghosts;
  requests: ServerRequests;
  state: ClientState;
  /** The sessions that get the server's notifications to all. */
  ports(): Iterable<Port>;
  /** The server answered with an error. */
  onError(): void;
}

/** Finds out which client each frame of a hosted server is for, and gives it the id or token which that client knows. */
export class ReturnPath {
  readonly #options: ReturnPathOptions;

  constructor(options: ReturnPathOptions) {
    this.#options = options;
  }

  route(envelope: Envelope): void {
    const { process, requests } = this.#options;
    switch (envelope.kind) {
      case "response":
        return this.#onResponse(envelope);
      case "notification":
        return this.#onNotification(envelope);
      case "request":
        if (envelope.method !== "ping") return requests.route(envelope);
        process.send(resultFrame(textAt(envelope.raw, envelope.idSpan), {}));
    }
  }

  #onResponse(response: ResponseEnvelope): void {
    const { open: requests, ghosts, state } = this.#options;
    const id = Number(response.id);
    const open = requests.get(id);
    if (open === undefined) return void ghosts.settle(id); // Cancelled or timed out meanwhile.
    requests.close(open);
    open.turn?.end();
    const { port, method, asker } = open;
    if (response.error !== undefined) this.#options.onError();
    if (response.error !== undefined && asker.kind === "client") asker.undo?.();
    if (asker.kind === "lockstep") return asker.onAnswer(readServerAnswer(response));
    if (response.result !== undefined && asker.request !== undefined) state.note(port, asker.request);
    this.#deliver(port, frameToClient(method, asker, response));
  }

  #onNotification(notification: NotificationEnvelope): void {
    const { raw, method, params } = notification;
    switch (method) {
      case "notifications/progress":
        return this.#onProgress(notification);
      case "notifications/cancelled":
        return this.#onCancelled(notification);
      case "notifications/resources/updated":
        if (this.#onSubscribed(notification)) return;
        return this.#toAll(raw, this.#options.state.listenersTo(notification));
      case "notifications/message":
        if (this.#onSubscribed(notification)) return;
        return this.#toAll(raw, listenersToLog(notification, this.#options.ports()));
      default:
        if (params === undefined || !this.#onSubscribed(notification)) this.#toAll(raw, undefined);
    }
  }

  #onProgress({ raw, progress }: NotificationEnvelope): void {
    if (progress === undefined) return;
    const open = this.#options.open.get(Number(progress.token));
    if (open?.asker.kind !== "client" || open.asker.progressText === undefined) return;
    this.#deliver(open.port, replaceSpans(raw, [{ span: progress.span, text: open.asker.progressText }]));
  }

  /** True when the notification belongs to one `subscriptions/listen`, and so to one session. */
  #onSubscribed({ raw, params }: NotificationEnvelope): boolean {
    const span = params && subscriptionSpan(raw, params);
    if (span === undefined) return false;
    const open = this.#options.open.get(Number(parseSpan(raw, span)));
    if (open !== undefined) this.#deliver(open.port, replaceSpans(raw, [{ span, text: idTextOf(open) }]));
    return true;
  }

  /** A server cancels a request of its own or, since 2026-07-28, ends a subscription. */
  #onCancelled({ raw, params }: NotificationEnvelope): void {
    const { open: requests } = this.#options;
    const span = params && memberSpan(raw, params, "requestId");
    if (span === undefined || this.#options.requests.cancel(raw, span)) return;
    const open = requests.get(Number(parseSpan(raw, span)));
    if (open === undefined || !isSubscription(open.method)) return;
    requests.close(open);
    this.#deliver(open.port, replaceSpans(raw, [{ span, text: idTextOf(open) }]));
  }

  #toAll(raw: Buffer, listeners: Iterable<Port> | undefined): void {
    for (const port of listeners ?? this.#options.ports()) this.#deliver(port, raw);
  }

  #deliver(port: Port, frame: Buffer): void {
    if (port.deliver(frame)) return;
    // With one client the server itself can be slowed down; with several, one must not hold up the others.
    const [first, second] = this.#options.ports();
    if (first !== port || second !== undefined) return;
    this.#options.process.pause();
    port.client.onDrain(() => this.#options.process.resume());
  }
}

/** Lockstep itself opens no subscriptions. */
function idTextOf({ id, asker }: OpenRequest): string {
  return asker.kind === "client" ? asker.idText : String(id);
}
