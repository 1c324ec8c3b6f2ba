import { paramsOf, type Envelope, type NotificationEnvelope, type RequestEnvelope } from "../../wire/envelope.js";
import { asObject } from "../../wire/message.js";
import { errorFrame, resultTextFrame } from "../../mcp/answer-frames.js";
import { asRpcError, draining, otherEra, serverUnavailable, tooMuchOpen, type Refusal } from "../../mcp/refusals.js";
import { eraOf } from "../../mcp/era.js";
import type { ListMethod } from "../../mcp/lists.js";
import { firstPageOf } from "../../mcp/params.js";
import { memberSpan, textAt } from "../../mcp/span.js";
import { exactDurationText } from "../../text/duration.js";
import { offerOf, receivesNotification, type Offer } from "../offer.js";
import type { ServerAnswer } from "../route/asker.js";
import { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { SessionClient } from "../route/session-client.js";
import { listResultText, readList } from "./list-pages.js";
import type { Session, SessionContext } from "./session.js";

/** A session with one server. */
export class OneServerSession implements Session {
  readonly #name: string;
  readonly #context: SessionContext;
  readonly port: Port;
  #server: ConfiguredServer | undefined;
  /** What the client sent before the configuration was read. */
  #early: Envelope[] | undefined;
  #releaseEarly: (() => void) | undefined;

  constructor(name: string, client: SessionClient, context: SessionContext) {
    this.#name = name;
    this.#context = context;
    this.port = new Port(client);
  }

  handle(envelope: Envelope): void {
    if (this.#context.table.isLoadedFor(this.#name)) this.#take(envelope);
    else this.#wait(envelope);
  }

  async offer(): Promise<Offer> {
    const since = performance.now();
    await this.#context.table.load(this.#name);
    const { protocolVersion } = this.port.client;
    for (;;) {
      if (this.port.closed || this.#context.isRefusing()) throw asRpcError(draining(false));
      const server = this.#find();
      if ("code" in server) throw asRpcError(server);
      const { config, lastHello } = server;
      if (lastHello !== undefined) return offerOf(lastHello, config, protocolVersion);
      const by = since + config.startTimeoutMs;
      const router = server.routerFor(this.port);
      const hello = await router.ready(Math.max(0, by - performance.now()));
      if (hello !== undefined) return offerOf(hello, config, protocolVersion);
      if (this.port.closed || this.#context.isRefusing()) continue;
      const isReplaced = server !== this.#find() || router !== server.routerFor(this.port);
      if (isReplaced && performance.now() < by) continue;
      if (router.process.era === "stateless") throw asRpcError(otherEra(this.#name, "stateless"));
      const late = `The server "${this.#name}" has not started within ${exactDurationText(config.startTimeoutMs)}.`;
      throw asRpcError(serverUnavailable(this.#name, router.process.problem ?? late));
    }
  }

  async knownOffer(): Promise<Offer | undefined> {
    await this.#context.table.load(this.#name).catch(() => undefined);
    const server = this.#find();
    if ("code" in server || server.lastHello === undefined) return undefined;
    return offerOf(server.lastHello, server.config, this.port.client.protocolVersion);
  }

  get owesAnswers(): boolean {
    return this.#early !== undefined || this.port.load.isOpen;
  }

  endInput(): void {
    this.port.endInput();
  }

  close(): void {
    this.port.close();
    this.#server?.release(this.port);
    this.#context.onClosed(this.port);
  }

  #take(envelope: Envelope): void {
    switch (envelope.kind) {
      case "request":
        return this.#onRequest(envelope);
      case "notification":
        return this.#onNotification(envelope);
      case "response":
        return this.port.takeAnswer(envelope);
    }
  }

  /** Called when a server was added or removed: it may be this session's, under which the client waits for updates. */
  onServersChanged(): void {
    if (this.#server !== undefined) this.#find();
  }

  #wait(envelope: Envelope): void {
    if (this.#early !== undefined) {
      this.#early.push(envelope);
      if (this.#early.length >= MAX_EARLY) this.#releaseEarly ??= this.port.hold("the configuration is being read");
      return;
    }
    this.#early = [envelope];
    this.#context.table
      .load(this.#name)
      .then(() => {
        this.#releaseEarly?.();
        this.#releaseEarly = undefined;
        const early = this.#early ?? [];
        this.#early = undefined;
        for (const waiting of early) if (!this.port.closed) this.#take(waiting);
      })
      .catch((error: unknown) => this.port.client.kill(error instanceof Error ? error : new Error(String(error))));
  }

  #onRequest(request: RequestEnvelope): void {
    if (this.#context.isRefusing()) return this.#refuse(request, draining(false));
    const { limit } = this.port.load;
    if (limit !== undefined) return this.#refuse(request, tooMuchOpen(limit));
    const server = this.#find();
    if ("code" in server) return this.#refuse(request, server);
    const era = eraOf(request);
    if (server.era !== undefined && era !== server.era) return this.#refuse(request, otherEra(this.#name, server.era));
    const mayBeKnown = era === "initialize" && this.port.client.takesKnownLists === true;
    const list = mayBeKnown ? firstPageOf(request) : undefined;
    if (request.method === "logging/setLevel" && era === "initialize") server.setLogLevel(this.port, request);
    else if (list !== undefined) this.#list(server, request, list);
    else server.routerFor(this.port).request(this.port, request);
  }

  /** Answers with what is known of the list, if the server does not run; else with the server's answer, which is known then. */
  #list(server: ConfiguredServer, request: RequestEnvelope, method: ListMethod): void {
    const idText = textAt(request.raw, request.idSpan);
    const repeatsSecret = (value: unknown): boolean => server.repeatsSecret(value);
    const note = (resultText: string): void => {
      this.#context.bridgeViews.note(this.#name, { method, resultText, hello: server.lastHello, repeatsSecret });
    };
    const known = server.knownList(this.port, method);
    if (known !== undefined) {
      note(known);
      return void this.port.deliver(resultTextFrame(idText, known));
    }
    const router = server.routerFor(this.port);
    router.ask(this.port, method, asObject(paramsOf(request)), (answer) => {
      if (!answer.ok) return void this.port.deliver(errorFrame(idText, answer.refusal));
      void this.#onePage(router, method, answer).then((resultText) => {
        server.rememberList(method, resultText);
        note(resultText);
        this.port.deliver(resultTextFrame(idText, resultText));
      });
    });
  }

  /** The JSON text of a list's result as it came, or with all its pages as one: some hosts read no second one. */
  async #onePage(router: Router, method: ListMethod, first: Extract<ServerAnswer, { ok: true }>): Promise<string> {
    const { raw, result } = first;
    if (result === undefined) return "{}";
    if (memberSpan(raw, result, "nextCursor") === undefined) return textAt(raw, result);
    const items = await readList(router, this.port, method, PAGE_BOUND_MS, first);
    return items === undefined ? textAt(raw, result) : listResultText(method, items);
  }

  #onNotification(notification: NotificationEnvelope): void {
    const { method } = notification;
    if (method === "notifications/progress") return this.port.takeProgress(notification);
    const routers: Router[] = this.#server?.routersOf(this.port) ?? [];
    if (method === "notifications/cancelled") {
      routers.some((router) => router.cancel(this.port, notification));
      return;
    }
    if (this.#server !== undefined && receivesNotification(method, this.#server.config))
      for (const router of routers) router.notify(this.port, notification);
  }

  /** The server may be added, removed and changed with the configuration. */
  #find(): ConfiguredServer | Refusal {
    const server = this.#context.table.find(this.#name);
    if (server === this.#server || "code" in server) return server;
    const before = this.#server;
    this.#server = server;
    if (before === undefined) server.join(this.port);
    else server.takeOver(this.port, before);
    return server;
  }

  #refuse(request: RequestEnvelope, refusal: Refusal): void {
    this.port.deliver(errorFrame(textAt(request.raw, request.idSpan), refusal));
  }
}

/** After this a page of a list is given up, ms, and the list ends before it. */
const PAGE_BOUND_MS = 10_000;

/** A client that has sent so much before the configuration was read is not read from until then. */
const MAX_EARLY = 100;
