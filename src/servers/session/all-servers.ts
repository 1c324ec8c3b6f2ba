import {
  parseSpan,
  readEnvelope,
  replaceSpans,
  type Envelope,
  type NotificationEnvelope,
  type RequestEnvelope,
} from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import { errorFrame, notificationFrame, resultFrame } from "../../mcp/answer-frames.js";
import { draining, type Refusal } from "../../mcp/refusals.js";
import { ask, askAll } from "./ask.js";
import { isListMethod, LIST_CAPABILITIES, listChanged, LISTS, type ListMethod, type McpList } from "../../mcp/lists.js";
import { nestedSpan, textAt } from "../../mcp/span.js";
import { nameWithServer, splitName } from "../../mcp/tool-name.js";
import { Port } from "../route/port.js";
import type { InFlight } from "../in-flight.js";
import { FULL_OFFER, type Offer } from "../offer.js";
import type { SessionContext } from "./one-server.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { Session, SessionClient } from "./session.js";

/** A session with all servers at once: their lists joined, names as `server__name`, calls routed by that prefix. */
export class AggregateSession implements Session {
  readonly port: Port;
  readonly #context: SessionContext;
  readonly #inFlight: InFlight;
  /** Servers that were missing in a list; the client is told when they are there. */
  #leftOut: Set<string> | undefined;
  /** Which server a resource was seen at. */
  #serverByUri: Map<string, string> | undefined;
  /** Requests that Lockstep itself is working on, by their ids' JSON text. The value ends its counting as in flight. */
  readonly #working = new Map<string, () => void>();

  constructor(client: SessionClient, context: SessionContext, inFlight: InFlight) {
    this.port = new Port(client);
    this.#context = context;
    this.#inFlight = inFlight;
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
    for (const [, slot] of this.#context.table.everyServer()) slot.release(this.port);
    this.#context.onClosed(this.port);
  }

  /** Called when a server got ready for the first time. */
  onServerReady(name: string): void {
    if (this.#leftOut?.delete(name) !== true) return;
    for (const capability of LIST_CAPABILITIES) this.port.deliver(notificationFrame(listChanged(capability)));
  }

  /** Answers what Lockstep itself is still working on. */
  cutOff(): void {
    for (const idText of this.#working.keys()) this.#finish(idText, errorFrame(idText, draining(false)));
  }

  async #onRequest(request: RequestEnvelope): Promise<void> {
    const idText = textAt(request.raw, request.idSpan);
    if (this.#context.isRefusing()) {
      this.port.deliver(errorFrame(idText, draining(false)));
      return;
    }
    this.#working.set(idText, this.#inFlight.enter());
    try {
      await this.#context.table.load();
      const answer = await this.#work(request);
      this.#finish(
        idText,
        answer && ("result" in answer ? resultFrame(idText, answer.result) : errorFrame(idText, answer)),
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#finish(idText, errorFrame(idText, { code: -32603, message }));
    }
  }

  /** The request is answered with `frame` or, without one, by the server that it went to. */
  #finish(idText: string, frame: string | undefined): void {
    const leave = this.#working.get(idText);
    if (leave === undefined) return;
    this.#working.delete(idText);
    if (frame !== undefined) this.port.deliver(frame);
    leave();
  }

  async #work(request: RequestEnvelope): Promise<{ result: unknown } | Refusal | undefined> {
    const { method } = request;
    if (isListMethod(method)) return { result: { [LISTS[method].key]: await this.#union(method) } };
    const named = NAMED[method];
    if (named !== undefined) return this.#routeByName(request, named);
    if (BY_URI.includes(method)) return this.#routeByUri(request);
    const wayOut = 'connect to one server (its name in "server") for more';
    return { code: -32601, message: `"${method}" is not possible with all servers at once; ${wayOut}.` };
  }

  async #union(method: ListMethod): Promise<unknown[]> {
    const parts = await Promise.all(
      [...this.#context.table.servers].map(async ([name, slot]) => {
        const items = await this.#listOf(name, slot, method);
        return items.map((item) => this.#labelled(name, item, LISTS[method]));
      }),
    );
    return parts.flat();
  }

  /** One server's list; empty when it is not ready in time, which is made up for when it is. */
  async #listOf(name: string, slot: ConfiguredServer, method: ListMethod): Promise<unknown[]> {
    const router = slot.routerFor(this.port, "initialize");
    const hello = await router.ready(LIST_WAIT_MS);
    const { key, capability } = LISTS[method];
    const items =
      hello === undefined
        ? undefined
        : hello.capabilities[capability] === undefined
          ? []
          : await askAll(router, this.port, method, key, LIST_WAIT_MS);
    if (items === undefined) (this.#leftOut ??= new Set()).add(name);
    return items ?? [];
  }

  #labelled(server: string, item: unknown, { identifiedBy }: McpList): unknown {
    if (typeof item !== "object" || item === null) return item;
    const { name, uri } = item as { name?: unknown; uri?: unknown };
    if (typeof uri === "string" && identifiedBy === "uri") (this.#serverByUri ??= new Map()).set(uri, server);
    return identifiedBy === "name" && typeof name === "string" ? { ...item, name: nameWithServer(server, name) } : item;
  }

  async #routeByName(
    request: RequestEnvelope,
    { path, list }: Named,
  ): Promise<{ result: unknown } | Refusal | undefined> {
    const { raw, params } = request;
    const span = nestedSpan(raw, params, path);
    if (span === undefined && path.length > 1) return this.#routeByUri(request);
    const name = parseSpan(raw, span);
    if (span === undefined || typeof name !== "string")
      return { code: -32602, message: `params.${path.join(".")} is missing.` };
    const target = this.#split(name) ?? (await this.#findPlain(name, list));
    if ("code" in target) return target;
    this.#forward(target.slot, request, [{ span, text: JSON.stringify(target.name) }]);
    return undefined;
  }

  #split(fullName: string): { slot: ConfiguredServer; name: string } | undefined {
    const { servers } = this.#context.table;
    const split = splitName(fullName, servers.keys());
    const slot = servers.get(split?.server ?? "");
    return split && slot && { slot, name: split.name };
  }

  /** A name without its server is fine as long as one server alone has it. */
  async #findPlain(name: string, method: ListMethod): Promise<{ slot: ConfiguredServer; name: string } | Refusal> {
    const all = await this.#union(method);
    const full = all
      .map((item) => (item as { name: string }).name)
      .filter((known) => known.endsWith(nameWithServer("", name)));
    const found = full.map((known) => this.#split(known)).filter((target) => target?.name === name);
    const [target] = found;
    if (target !== undefined && found.length === 1) return target;
    if (found.length > 1)
      return { code: -32602, message: `"${name}" is ambiguous. Say which one: ${full.join(", ")}.` };
    return {
      code: -32602,
      message: `No server has "${name}". Names are ${nameWithServer("SERVER", "NAME")}, as ${method} gives them.`,
    };
  }

  async #routeByUri(request: RequestEnvelope): Promise<{ result: unknown } | Refusal | undefined> {
    const { raw, params, method } = request;
    const asked = parseSpan(raw, params) as { uri?: unknown; ref?: { uri?: unknown } } | undefined;
    const uri = asked?.uri ?? asked?.ref?.uri;
    if (typeof uri !== "string") return { code: -32602, message: "params.uri is missing." };
    const known = this.#context.table.servers.get(this.#serverByUri?.get(uri) ?? "");
    if (known !== undefined) {
      this.#forward(known, request, []);
      return undefined;
    }
    // Nobody has listed it (a template's, perhaps): the first server that can, answers.
    for (const [name, slot] of this.#context.table.servers) {
      const router = slot.routerFor(this.port, "initialize");
      const hello = await router.ready(LIST_WAIT_MS);
      if (hello?.capabilities["resources"] === undefined) continue;
      const told = await ask(router, this.port, method, asked ?? {}, LIST_WAIT_MS);
      if (!told.ok) continue;
      (this.#serverByUri ??= new Map()).set(uri, name);
      return { result: told.result };
    }
    return { code: -32002, message: `No server has the resource ${uri}.` };
  }

  #forward(slot: ConfiguredServer, request: RequestEnvelope, edits: { span: Span; text: string }[]): void {
    const envelope = edits.length === 0 ? request : readEnvelope(replaceSpans(request.raw, edits));
    if (envelope.kind !== "request" || !this.#working.has(textAt(request.raw, request.idSpan))) return;
    if (this.#context.isRefusing()) {
      this.port.deliver(errorFrame(textAt(request.raw, request.idSpan), draining(false)));
      return;
    }
    slot.routerFor(this.port, "initialize").request(this.port, envelope);
  }

  #onNotification(notification: NotificationEnvelope): void {
    if (notification.method === "notifications/progress") return this.port.takeProgress(notification);
    if (notification.method !== "notifications/cancelled") return;
    for (const [, slot] of this.#context.table.everyServer()) {
      if (slot.routersOf(this.port).some((router) => router.cancel(this.port, notification))) return;
    }
  }
}

interface Named {
  /** Where the name stands in the params. */
  path: string[];
  /** The list that holds all such names. */
  list: ListMethod;
}

const NAMED: Record<string, Named> = {
  "tools/call": { path: ["name"], list: "tools/list" },
  "prompts/get": { path: ["name"], list: "prompts/list" },
  "completion/complete": { path: ["ref", "name"], list: "prompts/list" },
};

const BY_URI = ["resources/read", "resources/subscribe", "resources/unsubscribe"];

/** How long a list waits for a server that is just starting, ms: an npx download must not hold up all others. */
const LIST_WAIT_MS = 10_000;
