import type { Envelope, NotificationEnvelope, RequestEnvelope } from "../../wire/envelope.js";
import { errorFrame, resultFrame } from "../../mcp/answer-frames.js";
import { asRpcError, draining, type Refusal } from "../../mcp/refusals.js";
import { eraOf } from "../../mcp/era.js";
import { textAt } from "../../mcp/span.js";
import { hearsItsClient, OFFER_WAIT_MS, refusalOfEra, type Offer } from "../offer.js";
import { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { ServerTable } from "../server-table.js";
import type { Session, SessionClient } from "./session.js";

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
    if (envelope.kind === "request" && envelope.method === "logging/setLevel") {
      void this.#setLogLevel(envelope);
      return;
    }
    this.#pass(envelope);
  }

  #pass(envelope: Envelope): void {
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

  async offer(waitMs: number): Promise<Offer | undefined> {
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
        for (const waiting of this.#early?.splice(0) ?? []) if (!this.#port.closed) this.#pass(waiting);
      })
      .catch((error: unknown) => this.#port.client.kill(error instanceof Error ? error : new Error(String(error))));
  }

  /** Many clients set a level without looking whether the server logs at all, and take an error badly. */
  async #setLogLevel(request: RequestEnvelope): Promise<void> {
    const offer = await this.offer(OFFER_WAIT_MS).catch(() => undefined);
    if (offer?.capabilities["logging"] !== undefined) this.#pass(request);
    else this.#port.deliver(resultFrame(textAt(request.raw, request.idSpan), {}));
  }

  #onRequest(request: RequestEnvelope): void {
    if (this.#context.isRefusing()) return this.#refuse(request, draining(false));
    const slot = this.#find();
    if ("code" in slot) return this.#refuse(request, slot);
    const era = eraOf(request);
    const refusal = refusalOfEra(era, slot.config);
    if (refusal !== undefined) return this.#refuse(request, refusal);
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
    if (this.#slot !== undefined && hearsItsClient(this.#slot.config))
      for (const router of routers) router.notify(notification);
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
    this.#port.deliver(errorFrame(textAt(request.raw, request.idSpan), refusal));
  }
}
