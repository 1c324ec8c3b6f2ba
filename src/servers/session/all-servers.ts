import { errorFrame, resultTextFrame } from "../../mcp/answer-frames.js";
import { isListMethod, LIST_CAPABILITIES, LISTS, type ListMethod } from "../../mcp/lists.js";
import { isMcpLogLevel } from "../../mcp/log-level.js";
import { logLevelOf } from "../../mcp/params.js";
import { internalError, invalidParams, methodNotFound, tooMuchOpen } from "../../mcp/refusals.js";
import { memberSpan, textAt } from "../../mcp/span.js";
import {
  readEnvelope,
  replaceSpans,
  type Envelope,
  type NotificationEnvelope,
  type RequestEnvelope,
} from "../../wire/envelope.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { InFlight } from "../in-flight.js";
import { FULL_OFFER, receivesNotification, type Offer } from "../offer.js";
import { Port } from "../route/port.js";
import type { SessionClient } from "../route/session-client.js";
import { AllLists } from "./all-lists.js";
import { AllNames, nameSpan, NAMED_METHODS } from "./all-names.js";
import { AllUris, URI_METHODS } from "./all-uris.js";
import { drainingFrame, HeldRequests } from "./held-requests.js";
import { ListAnnouncer } from "./list-announcer.js";
import { refused, type Edit, type Outcome } from "./outcome.js";
import type { Session, SessionContext } from "./session.js";
import { withoutTask } from "./without-task.js";

/** A session with all servers at once: their lists joined, names as `server__name`, each request routed to one server. */
export class AllServersSession implements Session {
  readonly port: Port;
  readonly #context: SessionContext;
  readonly #held: HeldRequests;
  readonly #announcer: ListAnnouncer;
  readonly #lists: AllLists;
  readonly #names: AllNames;
  readonly #uris: AllUris;
  /** The servers at which the client has subscribed to resources, by name. They may have been removed since. */
  readonly #subscribed = new Map<string, ConfiguredServer>();

  constructor(client: SessionClient, context: SessionContext, inFlight: InFlight) {
    this.port = new Port(client);
    this.#context = context;
    this.#held = new HeldRequests(this.port, inFlight);
    this.#announcer = new ListAnnouncer(this.port);
    const servers = (): ReadonlyMap<string, ConfiguredServer> => context.table.servers;
    this.#lists = new AllLists(this.port, servers, (lists) => this.#announcer.announce(lists));
    this.#names = new AllNames(servers, this.#lists);
    this.#uris = new AllUris(this.port, servers, this.#lists);
    this.port.seenUri = (server, uri) => this.#uris.seenAs(server, uri);
  }

  handle(envelope: Envelope): void {
    switch (envelope.kind) {
      case "request":
        return this.#onRequest(envelope);
      case "notification":
        return this.#onNotification(envelope);
      case "response":
        return this.port.takeAnswer(envelope);
    }
  }

  async offer(): Promise<Offer> {
    return FULL_OFFER;
  }

  async knownOffer(): Promise<Offer> {
    return FULL_OFFER;
  }

  get owesAnswers(): boolean {
    return this.port.load.isOpen;
  }

  endInput(): void {
    this.port.endInput();
  }

  close(): void {
    this.port.close();
    this.#held.drop();
    this.#context.onClosed(this.port);
    for (const [, server] of this.#context.table.everyServer()) server.release(this.port);
  }

  /** Called when a server can be asked for its lists. */
  onServerReady(name: string): void {
    this.#lists.onServerReady(name);
  }

  /** Called when a server was added or removed: it may be one under whose name the client waits for updates. */
  onServersChanged(): void {
    for (const [name, before] of this.#subscribed) {
      const server = this.#context.table.servers.get(name);
      if (server === undefined || server === before) continue;
      this.#subscribed.set(name, server);
      server.takeSubscriptions(this.port, before);
    }
    this.#announcer.announce(LIST_CAPABILITIES);
  }

  /** Answers what no server has got yet with "draining". */
  cutOff(): void {
    this.#held.cutOff();
  }

  /** Requests reach their servers in their order, as long as no server has to be looked for. */
  #onRequest(request: RequestEnvelope): void {
    if (this.#context.isRefusing()) return void this.port.deliver(drainingFrame(request));
    const { limit } = this.port.load;
    if (limit !== undefined) {
      return void this.port.deliver(errorFrame(textAt(request.raw, request.idSpan), tooMuchOpen(limit)));
    }
    this.#held.hold(request);
    const { table } = this.#context;
    const conclude = (outcome: Outcome): void => this.#conclude(request, outcome);
    const fail = (error: unknown): void => conclude(refused(internalError((error as Error).message)));
    const outcome = table.isLoaded
      ? this.#outcomeOf(request)
      : table.load().then(() => (this.#held.isHeld(request) ? this.#outcomeOf(request) : NO_CONTENT));
    if (outcome instanceof Promise) outcome.then(conclude, fail);
    else conclude(outcome);
  }

  #outcomeOf(request: RequestEnvelope): Outcome | Promise<Outcome> {
    const { method } = request;
    if (method === "logging/setLevel") return this.#setLogLevel(request);
    if (isListMethod(method)) return this.#list(method);
    const named = NAMED_METHODS[method];
    const span = named && nameSpan(request, named);
    if (URI_METHODS.includes(method) || (method === "completion/complete" && span === undefined)) {
      return this.#uris.route(request);
    }
    if (named !== undefined) return this.#names.route(request, span, named);
    const wayOut = 'connect to one server (its name in "server") for more';
    return refused(methodNotFound(`"${method}" is not possible with all servers at once; ${wayOut}.`));
  }

  async #list(method: ListMethod): Promise<Outcome> {
    const items = await this.#lists.read(method);
    const identifier = LISTS[method].identifiedBy === "name" ? this.#names : this.#uris;
    const resultText = `{"${LISTS[method].key}":[${identifier.joined(method, items).join(",")}]}`;
    if (this.port.client.takesKnownLists === true && !this.#lists.lacks(method)) {
      const servers = [...this.#context.table.servers.values()];
      const repeatsSecret = (value: unknown): boolean => servers.some((server) => server.repeatsSecret(value));
      this.#context.bridgeViews.note(undefined, { method, resultText, repeatsSecret });
    }
    return { kind: "answered", resultText };
  }

  #setLogLevel(request: RequestEnvelope): Outcome {
    const level = logLevelOf(request);
    if (!isMcpLogLevel(level)) return refused(invalidParams("params.level is no log level of MCP."));
    this.port.logLevel = level;
    for (const server of this.#context.table.servers.values()) server.updateLogLevel();
    return NO_CONTENT;
  }

  #conclude(request: RequestEnvelope, outcome: Outcome): void {
    if (!this.#held.isHeld(request)) return; // Cancelled, cut off, or its client has left.
    const idText = textAt(request.raw, request.idSpan);
    switch (outcome.kind) {
      case "answered":
        return this.#held.release(request, resultTextFrame(idText, outcome.resultText));
      case "refused":
        return this.#held.release(request, errorFrame(idText, outcome.refusal));
      case "forwarded":
        if (this.#context.isRefusing()) return this.#held.release(request, drainingFrame(request));
        this.#forward(request, outcome.to, outcome.edits);
        return this.#held.release(request, undefined);
    }
  }

  #forward(request: RequestEnvelope, to: ConfiguredServer, edits: Edit[]): void {
    if (request.method === "resources/subscribe") this.#subscribed.set(to.name, to);
    const envelope = edits.length === 0 ? request : readEnvelope(replaceSpans(request.raw, edits));
    if (envelope.kind === "request") to.routerFor(this.port).request(this.port, withoutTask(envelope));
  }

  #onNotification(notification: NotificationEnvelope): void {
    const { method, raw, params } = notification;
    if (method === "notifications/progress") return this.port.takeProgress(notification);
    const servers = [...this.#context.table.everyServer()].map(([, server]) => server);
    if (method === "notifications/cancelled") {
      const id = params && memberSpan(raw, params, "requestId");
      if (id !== undefined && this.#held.cancel(textAt(raw, id))) return;
      servers.some((server) => server.routersOf(this.port).some((router) => router.cancel(this.port, notification)));
      return;
    }
    for (const server of servers) {
      if (!receivesNotification(method, server.config)) continue;
      for (const router of server.routersOf(this.port)) router.notify(this.port, notification);
    }
  }
}

/** Also of a request that is no longer held, where it is not looked at. */
const NO_CONTENT: Outcome = { kind: "answered", resultText: "{}" };
