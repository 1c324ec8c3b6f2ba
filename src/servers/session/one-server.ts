import type { Envelope, NotificationEnvelope, RequestEnvelope } from "../../wire/envelope.js";
import { asRpcError, draining, errorFrame, type Refusal } from "../../mcp/answer-frames.js";
import { standsAlone } from "../../mcp/spans.js";
import { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";
import type { Era, ConfiguredServer } from "../configured-server.js";
import type { ServerTable } from "../server-table.js";
import type { SessionClient } from "./session-client.js";

/** One client's conversation with one hosted server, or with all of them. */
export interface Session {
  /** Takes what the client sends, save what is the daemon's own. Answers go to the client. */
  handle(envelope: Envelope): void;
  /**
   * What the server said it can do; undefined when it is not ready within `waitMs`. Rejects with an RpcError when there
   * is no such server.
   */
  capabilities(waitMs: number): Promise<Offer | undefined>;
  /** The client is gone: its open requests are cancelled. */
  close(): void;
}

export interface Offer {
  capabilities: Record<string, unknown>;
  instructions?: string;
}

/** What a session needs of the hosted servers. */
export interface SessionContext {
  table: ServerTable;
  isRefusing(): boolean;
  onClosed(port: Port): void;
}

export class ServerSession implements Session {
  readonly #name: string;
  readonly #context: SessionContext;
  readonly #port: Port;
  #slot: ConfiguredServer | undefined;
  /** What came before the configuration was read. */
  #early: Envelope[] | undefined;

  constructor(name: string, client: SessionClient, context: SessionContext) {
    this.#name = name;
    this.#context = context;
    this.#port = new Port(client);
  }

  handle(envelope: Envelope): void {
    if (!this.#context.table.isLoaded) return this.#wait(envelope);
    switch (envelope.kind) {
      case "request":
        return this.#onRequest(envelope);
      case "notification":
        return this.#onNotification(envelope);
      case "response":
        return this.#port.takeAnswer(envelope);
    }
  }

  async capabilities(waitMs: number): Promise<Offer | undefined> {
    const by = performance.now() + waitMs;
    await this.#context.table.load();
    const slot = this.#find();
    if ("code" in slot) throw asRpcError(slot);
    const router = slot.routerFor(this.#port, "initialize");
    return slot.hello ?? (await router.ready(Math.max(0, by - performance.now())));
  }

  close(): void {
    this.#port.close();
    this.#slot?.release(this.#port);
    this.#context.onClosed(this.#port);
  }

  #wait(envelope: Envelope): void {
    if (this.#early !== undefined) {
      this.#early.push(envelope);
      return;
    }
    this.#early = [envelope];
    this.#context.table
      .load()
      .then(() => {
        for (const waiting of this.#early?.splice(0) ?? []) if (!this.#port.closed) this.handle(waiting);
      })
      .catch((error: unknown) => this.#port.client.kill(error instanceof Error ? error : new Error(String(error))));
  }

  #onRequest(request: RequestEnvelope): void {
    if (this.#context.isRefusing()) return this.#refuse(request, draining(false));
    const slot = this.#find();
    if ("code" in slot) return this.#refuse(request, slot);
    const era = eraOf(request);
    if (era === "none" && slot.config.kind === "url") return this.#refuse(request, NOT_OVER_HTTP);
    slot.routerFor(this.#port, era).request(this.#port, request);
  }

  #onNotification(notification: NotificationEnvelope): void {
    const { method } = notification;
    if (method === "notifications/progress") return this.#port.takeProgress(notification);
    const routers: Router[] = this.#slot?.routersOf(this.#port) ?? [];
    if (method === "notifications/cancelled") {
      routers.some((router) => router.cancel(this.#port, notification));
      return;
    }
    // What a client says of itself (its roots changed, say) is no news for a process that serves others as well.
    if (this.#slot?.config.share === "session") for (const router of routers) router.notify(notification);
  }

  /** The slot may come, go and change with the configuration. */
  #find(): ConfiguredServer | Refusal {
    const slot = this.#context.table.find(this.#name);
    if (slot === this.#slot || "code" in slot) return slot;
    this.#slot?.release(this.#port);
    this.#slot = slot;
    slot.ports.add(this.#port);
    return slot;
  }

  #refuse(request: RequestEnvelope, refusal: Refusal): void {
    const { start, end } = request.idSpan;
    this.#port.deliver(errorFrame(request.raw.toString("utf8", start, end), refusal));
  }
}

function eraOf({ method, raw, params }: RequestEnvelope): Era {
  const isNew = method === "server/discover" || method === "subscriptions/listen" || standsAlone(raw, params);
  return isNew ? "none" : "initialize";
}

/** As an older server would say it, so that a client which tries the new way first falls back to `initialize`. */
const NOT_OVER_HTTP: Refusal = { code: -32601, message: "Remote servers are spoken to with initialize only." };
