import { errorFrame, notificationFrame, resultFrame } from "../../mcp/answer-frames.js";
import { isListMethod, LIST_CAPABILITIES, listChanged, LISTS, type ListMethod } from "../../mcp/lists.js";
import { isMcpLogLevel } from "../../mcp/log-level.js";
import { logLevelOf } from "../../mcp/params.js";
import { internalError, invalidParams, methodNotFound } from "../../mcp/refusals.js";
import { textAt } from "../../mcp/span.js";
import {
  readEnvelope,
  replaceSpans,
  type Envelope,
  type NotificationEnvelope,
  type RequestEnvelope,
} from "../../wire/envelope.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { InFlight } from "../in-flight.js";
import { FULL_OFFER, type Offer } from "../offer.js";
import { Port } from "../route/port.js";
import { AllLists, joined } from "./all-lists.js";
import { nameSpan, NAMED_METHODS, routeByName } from "./all-names.js";
import { AllUris, URI_METHODS } from "./all-uris.js";
import { drainingFrame, HeldRequests } from "./held-requests.js";
import { refused, type Edit, type Outcome } from "./outcome.js";
import type { SessionClient } from "../route/session-client.js";
import type { Session, SessionContext } from "./session.js";

/** A session with all servers at once: their lists joined, names as `server__name`, each request routed to one server. */
export class AllServersSession implements Session {
  readonly port: Port;
  readonly #context: SessionContext;
  readonly #held: HeldRequests;
  readonly #lists: AllLists;
  readonly #uris: AllUris;

  constructor(client: SessionClient, context: SessionContext, inFlight: InFlight) {
    this.port = new Port(client);
    this.#context = context;
    this.#held = new HeldRequests(this.port, inFlight);
    this.#lists = new AllLists(this.port, () => context.table.servers);
    this.#uris = new AllUris(this.port, () => context.table.servers);
  }

  handle(envelope: Envelope): void {
    switch (envelope.kind) {
      case "request":
        void this.#onRequest(envelope);
        return;
      case "notification":
        return this.#onNotification(envelope);
      case "response":
        return this.port.takeAnswer(envelope);
    }
  }

  async offer(): Promise<Offer> {
    return FULL_OFFER;
  }

  close(): void {
    this.port.close();
    this.#held.drop();
    this.#context.onClosed(this.port);
    for (const [, server] of this.#context.table.everyServer()) server.release(this.port);
  }

  /** Called when a server can be asked for its lists. */
  onServerReady(name: string): void {
    if (!this.#lists.wasLeftOut(name)) return;
    for (const capability of LIST_CAPABILITIES) this.port.deliver(notificationFrame(listChanged(capability)));
  }

  /** Answers what no server has got yet with "draining". */
  cutOff(): void {
    this.#held.cutOff();
  }

  async #onRequest(request: RequestEnvelope): Promise<void> {
    if (this.#context.isRefusing()) {
      this.port.deliver(drainingFrame(request));
      return;
    }
    this.#held.hold(request);
    try {
      await this.#context.table.load();
      if (this.port.closed) return;
      this.#conclude(request, await this.#outcomeOf(request));
    } catch (error) {
      this.#conclude(request, refused(internalError(error instanceof Error ? error.message : String(error))));
    }
  }

  async #outcomeOf(request: RequestEnvelope): Promise<Outcome> {
    const { method } = request;
    if (method === "logging/setLevel") return this.#setLogLevel(request);
    if (isListMethod(method)) return this.#list(method);
    const named = NAMED_METHODS[method];
    const span = named && nameSpan(request, named);
    if (URI_METHODS.includes(method) || (method === "completion/complete" && span === undefined)) {
      return this.#uris.route(request);
    }
    if (named !== undefined) return routeByName(request, span, named, this.#context.table.servers, this.#lists);
    const wayOut = 'connect to one server (its name in "server") for more';
    return refused(methodNotFound(`"${method}" is not possible with all servers at once; ${wayOut}.`));
  }

  async #list(method: ListMethod): Promise<Outcome> {
    const items = await this.#lists.read(method);
    if (LISTS[method].identifiedBy === "uri") this.#uris.learn(items);
    return { kind: "answered", result: { [LISTS[method].key]: joined(method, items) } };
  }

  #setLogLevel(request: RequestEnvelope): Outcome {
    const level = logLevelOf(request);
    if (!isMcpLogLevel(level)) return refused(invalidParams("params.level is no log level of MCP."));
    this.port.logLevel = level;
    for (const server of this.#context.table.servers.values()) server.updateLogLevel();
    return { kind: "answered", result: {} };
  }

  #conclude(request: RequestEnvelope, outcome: Outcome): void {
    const idText = textAt(request.raw, request.idSpan);
    switch (outcome.kind) {
      case "answered":
        return this.#held.release(request, resultFrame(idText, outcome.result));
      case "refused":
        return this.#held.release(request, errorFrame(idText, outcome.refusal));
      case "forwarded":
        if (!this.#held.isHeld(request)) return; // Cut off meanwhile.
        if (this.#context.isRefusing()) return this.#held.release(request, drainingFrame(request));
        this.#forward(request, outcome.to, outcome.edits);
        return this.#held.release(request, undefined);
    }
  }

  #forward(request: RequestEnvelope, to: ConfiguredServer, edits: Edit[]): void {
    const envelope = edits.length === 0 ? request : readEnvelope(replaceSpans(request.raw, edits));
    if (envelope.kind === "request") to.routerFor(this.port, "initialize").request(this.port, envelope);
  }

  #onNotification(notification: NotificationEnvelope): void {
    if (notification.method === "notifications/progress") return this.port.takeProgress(notification);
    if (notification.method !== "notifications/cancelled") return;
    for (const [, server] of this.#context.table.everyServer()) {
      if (server.routersOf(this.port).some((router) => router.cancel(this.port, notification))) return;
    }
  }
}
