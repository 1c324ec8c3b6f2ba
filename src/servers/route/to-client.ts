import {
  parseSpan,
  replaceSpans,
  type Envelope,
  type NotificationEnvelope,
  type ResponseEnvelope,
} from "../../wire/envelope.js";
import { resultFrame } from "../../mcp/answer-frames.js";
import type { HostedServer } from "../process/hosted-server.js";
import type { OpenRequests } from "./open-requests.js";
import { isSubscription } from "../../mcp/era.js";
import { subscriptionSpan } from "../../mcp/meta.js";
import { uriOf } from "../../mcp/params.js";
import { memberSpan, textAt } from "../../mcp/span.js";
import type { Port } from "./port.js";
import type { ResourceSubscriptions } from "./resource-subscriptions.js";
import type { ServerRequests } from "./server-asks.js";

export interface ReturnPathOptions {
  server: HostedServer;
  open: OpenRequests;
  requests: ServerRequests;
  subscriptions: ResourceSubscriptions;
  /** The sessions that hear what the server says to all. */
  ports(): Iterable<Port>;
  /** An answer is an error. */
  onError(): void;
}

/** Finds out to whom each frame of a hosted server goes, and gives it the id or token that they know. */
export class ReturnPath {
  readonly #options: ReturnPathOptions;

  constructor(options: ReturnPathOptions) {
    this.#options = options;
  }

  take(envelope: Envelope): void {
    const { server, requests } = this.#options;
    switch (envelope.kind) {
      case "response":
        return this.#onResponse(envelope);
      case "notification":
        return this.#onNotification(envelope);
      case "request": {
        if (envelope.method !== "ping") return requests.take(envelope);
        server.send(resultFrame(textAt(envelope.raw, envelope.idSpan), {}));
      }
    }
  }

  /** Sends one session a frame. */
  deliver(port: Port, frame: Buffer): void {
    if (port.deliver(frame)) return;
    // With one client the server itself can be slowed down; with several, one must not hold up the others.
    const [first, second] = this.#options.ports();
    if (first !== port || second !== undefined) return;
    this.#options.server.pause();
    port.client.onDrain(() => this.#options.server.resume());
  }

  #onResponse(response: ResponseEnvelope): void {
    const { open: requests, subscriptions } = this.#options;
    const open = requests.get(Number(response.id));
    if (open === undefined) return; // Cancelled or timed out meanwhile.
    requests.close(open);
    if (response.error !== undefined) this.#options.onError();
    if (open.own) return open.own(response);
    const edits = [{ span: response.idSpan, text: open.idText }];
    if (open.method === "resources/subscribe" && response.result !== undefined && open.request !== undefined) {
      subscriptions.subscribe(open.port, uriOf(open.request) ?? "");
    }
    if (isSubscription(open.method)) {
      const subscription = response.result && subscriptionSpan(response.raw, response.result);
      if (subscription) edits.push({ span: subscription, text: open.idText });
    }
    this.deliver(open.port, replaceSpans(response.raw, edits));
  }

  #onNotification(notification: NotificationEnvelope): void {
    const { raw, method, params, progress } = notification;
    const { open: requests, subscriptions } = this.#options;
    switch (method) {
      case "notifications/progress": {
        const open = progress && requests.get(Number(progress.token));
        if (open?.progressText === undefined || open.own) return;
        return this.deliver(open.port, replaceSpans(raw, [{ span: progress!.span, text: open.progressText }]));
      }
      case "notifications/cancelled":
        return this.#onCancelled(notification);
      case "notifications/resources/updated":
        if (this.#onSubscribed(notification)) return;
        return this.#toAll(raw, subscriptions.listenersTo(notification));
      default:
        if (params === undefined || !this.#onSubscribed(notification)) this.#toAll(raw, undefined);
    }
  }

  #toAll(raw: Buffer, listeners: Iterable<Port> | undefined): void {
    for (const port of listeners ?? this.#options.ports()) this.deliver(port, raw);
  }

  /** True when the notification belongs to one `subscriptions/listen`, and so to one session. */
  #onSubscribed({ raw, params }: NotificationEnvelope): boolean {
    const span = params && subscriptionSpan(raw, params);
    if (span === undefined) return false;
    const open = this.#options.open.get(Number(parseSpan(raw, span)));
    if (open) this.deliver(open.port, replaceSpans(raw, [{ span, text: open.idText }]));
    return true;
  }

  /** A server takes back what it asked, or (since 2026-07-28) ends a subscription. */
  #onCancelled({ raw, params }: NotificationEnvelope): void {
    const { open: requests } = this.#options;
    const span = params && memberSpan(raw, params, "requestId");
    if (span === undefined || this.#options.requests.cancel(raw, span)) return;
    const open = requests.get(Number(parseSpan(raw, span)));
    if (open === undefined || !isSubscription(open.method)) return;
    requests.close(open);
    this.deliver(open.port, replaceSpans(raw, [{ span, text: open.idText }]));
  }
}
