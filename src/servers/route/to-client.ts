import {
  paramsOf,
  parseSpan,
  replaceSpans,
  type Envelope,
  type NotificationEnvelope,
  type ResponseEnvelope,
} from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import { resultFrame } from "../../mcp/answer-frames.js";
import { isSubscription } from "../../mcp/era.js";
import { isListChange } from "../../mcp/lists.js";
import { subscriptionSpan } from "../../mcp/meta.js";
import { requiredElicitations, uriOf } from "../../mcp/params.js";
import { resourceUris } from "../../mcp/resource-uris.js";
import { memberSpan, textAt } from "../../mcp/span.js";
import { createdTask, taskIdOf, withTasks } from "../../mcp/tasks.js";
import type { SentFrame } from "../channel/channel.js";
import type { ServerProcess } from "../process/server-process.js";
import { frameToClient, readServerAnswer, type ClientAsker } from "./asker.js";
import type { ClientState } from "./client-state.js";
import { listenersToLog } from "./log-levels.js";
import type { OpenRequest, OpenRequests } from "./open-requests.js";
import type { Port } from "./port.js";
import type { ServerRequests } from "./server-requests.js";
import type { Tasks } from "./attribution/tasks.js";

export interface ReturnPathOptions {
  server: string;
  process: ServerProcess;
  open: OpenRequests;
  tasks: Tasks;
  requests: ServerRequests;
  state: ClientState;
  /** Several clients share the process. */
  isShared: boolean;
  /** The sessions that get the server's notifications to all. */
  ports(): Iterable<Port>;
  /** The server answered with an error. */
  onError(open: OpenRequest): void;
  onAnswerWithoutId(response: ResponseEnvelope): void;
  /** The server works on a request, and so gets its time limit anew. */
  onProgress(open: OpenRequest): void;
}

/** Finds out which client each frame of a hosted server is for, and gives it the id or token which that client knows. */
export class ReturnPath {
  readonly #options: ReturnPathOptions;

  constructor(options: ReturnPathOptions) {
    this.#options = options;
  }

  /** `within`: the request in whose response it came, if that is known. */
  route(envelope: Envelope, within?: SentFrame): void {
    const { process, requests } = this.#options;
    switch (envelope.kind) {
      case "response":
        return this.#onResponse(envelope);
      case "notification":
        return this.#onNotification(envelope, within);
      case "request":
        if (envelope.method !== "ping") return requests.route(envelope, within);
        process.send(resultFrame(textAt(envelope.raw, envelope.idSpan), {}));
    }
  }

  #onResponse(response: ResponseEnvelope): void {
    const { open: requests } = this.#options;
    const open = requests.answeredBy(response.id);
    if (response.id === null) this.#options.onAnswerWithoutId(response);
    if (open === undefined) return; // Cancelled or timed out meanwhile, or one of our own.
    requests.close(open, response.raw.length);
    if (response.error !== undefined) this.#onError(open, response);
    const { port, asker } = open;
    if (asker.kind === "lockstep") asker.onAnswer(readServerAnswer(response));
    else {
      const noted = this.#noted(open, asker, response);
      this.#deliver(port, frameToClient(open.method, asker, noted, this.#seenUris(open, noted)));
    }
  }

  /** The URIs under which the client knows the resources of the answer, where those are others than the server's own. */
  #seenUris({ port, method }: OpenRequest, response: ResponseEnvelope): { span: Span; text: string }[] {
    const { seenUri } = port;
    if (seenUri === undefined) return [];
    return resourceUris(method, response).flatMap((span) => {
      const uri = parseSpan(response.raw, span);
      if (typeof uri !== "string") return [];
      const seen = seenUri(this.#options.server, uri);
      return seen === uri ? [] : [{ span, text: JSON.stringify(seen) }];
    });
  }

  #onError(open: OpenRequest, response: ResponseEnvelope): void {
    this.#options.onError(open);
    for (const id of requiredElicitations(response)) this.#options.requests.note(id, open.port);
  }

  /** The answer as its client may see it, when everything has been learned from it. */
  #noted(open: OpenRequest, { request, progressText }: ClientAsker, response: ResponseEnvelope): ResponseEnvelope {
    const { port, method } = open;
    const { tasks } = this.#options;
    const isOk = response.result !== undefined && response.error === undefined;
    switch (method) {
      case "tools/call": {
        if (!open.asksForTask || !isOk) return response;
        const progress = progressText === undefined ? undefined : { id: open.id, text: progressText };
        tasks.add(port, createdTask(response), progress);
        return response;
      }
      case "tasks/get":
      case "tasks/cancel":
        if (isOk) tasks.update(port, parseSpan(response.raw, response.result));
        return response;
      case "tasks/result": {
        const id = request && taskIdOf(request);
        if (id !== undefined) tasks.fetched(id);
        return response;
      }
      case "tasks/list":
        return isOk && this.#options.isShared ? withTasks(response, (id) => tasks.isOf(port, id)) : response;
      default:
        return response;
    }
  }

  #onNotification(notification: NotificationEnvelope, within: SentFrame | undefined): void {
    const { raw, method, params } = notification;
    switch (method) {
      case "notifications/progress":
        return this.#onProgress(notification);
      case "notifications/cancelled":
        return this.#onCancelled(notification);
      case "notifications/tasks/status":
        return this.#onTaskStatus(notification);
      case "notifications/elicitation/complete": {
        const port = this.#options.requests.completed(notification);
        return this.#toAll(raw, port && [port]);
      }
      case "notifications/resources/updated":
        if (this.#onSubscribed(notification)) return;
        return this.#onUpdated(notification);
      case "notifications/message":
        if (this.#onSubscribed(notification)) return;
        return this.#toAll(raw, listenersToLog(notification, this.#concerned(within) ?? this.#options.ports()));
      default:
        if (params !== undefined && this.#onSubscribed(notification)) return;
        return this.#toAll(raw, isListChange(method) ? undefined : this.#concerned(within));
    }
  }

  /** What comes in the response to a client's request is about that request, as MCP asks, and may hold what it asked. */
  #concerned(within: SentFrame | undefined): [Port] | undefined {
    const asker = within && this.#options.open.carriedBy(within)?.port;
    return asker && [asker];
  }

  #onProgress({ raw, progress }: NotificationEnvelope): void {
    if (progress === undefined) return;
    const id = Number(progress.token);
    const open = this.#options.open.get(id);
    if (open !== undefined) this.#options.onProgress(open);
    const target = open === undefined ? this.#options.tasks.progressOf(id) : progressTarget(open);
    if (target === undefined) return;
    this.#deliver(target.client, replaceSpans(raw, [{ span: progress.span, text: target.text }]));
  }

  /** A task's state is for the client that made it. One that is not known yet is that of a request for a task. */
  #onTaskStatus(notification: NotificationEnvelope): void {
    const { open, tasks } = this.#options;
    const id = taskIdOf(notification);
    const task = id === undefined ? undefined : tasks.byId.get(id);
    tasks.update(undefined, paramsOf(notification));
    const makers = new Set([...open.sent()].filter(({ asksForTask }) => asksForTask).map(({ port }) => port));
    const [maker] = makers;
    const client = task === undefined ? (makers.size === 1 ? maker : undefined) : task.client;
    if (client !== undefined) this.#deliver(client, notification.raw);
    else if (!this.#options.isShared) this.#toAll(notification.raw, undefined);
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

  #onUpdated(notification: NotificationEnvelope): void {
    const { raw, params } = notification;
    const { state, server } = this.#options;
    const span = params && memberSpan(raw, params, "uri");
    const uri = uriOf(notification);
    for (const port of state.listenersTo(notification) ?? this.#options.ports()) {
      const seen = uri && port.seenUri?.(server, uri);
      const isOther = span !== undefined && seen !== undefined && seen !== uri;
      this.#deliver(port, isOther ? replaceSpans(raw, [{ span, text: JSON.stringify(seen) }]) : raw);
    }
  }

  #toAll(raw: Buffer, listeners: Iterable<Port> | undefined): void {
    for (const port of listeners ?? this.#options.ports()) this.#deliver(port, raw);
  }

  #deliver(port: Port, frame: Buffer): void {
    if (port.deliver(frame) || this.#options.isShared) return;
    // A client's own process can be slowed down. One that is shared goes on: it may have other clients at any time.
    this.#options.process.pause();
    port.client.onDrain(() => this.#options.process.resume());
  }
}

function progressTarget({ port, asker }: OpenRequest): { client: Port; text: string } | undefined {
  if (asker.kind === "lockstep" || asker.progressText === undefined) return undefined;
  return { client: port, text: asker.progressText };
}

/** Lockstep itself opens no subscriptions. */
function idTextOf({ id, asker }: OpenRequest): string {
  return asker.kind === "client" ? asker.idText : String(id);
}
