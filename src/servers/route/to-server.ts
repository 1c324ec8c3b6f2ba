import {
  paramsOf,
  parseSpan,
  replaceSpans,
  type NotificationEnvelope,
  type RequestEnvelope,
  type ResponseEnvelope,
} from "../../wire/envelope.js";
import { asObject } from "../../wire/message.js";
import { errorFrame, notificationFrame, requestFrame, resultFrame } from "../../mcp/answer-frames.js";
import { eraOf, type Era } from "../../mcp/era.js";
import { isMcpLogLevel, type McpLogLevel } from "../../mcp/log-level.js";
import { logLevelOf } from "../../mcp/params.js";
import {
  callWaitedTooLong,
  draining,
  serverLost,
  serverTimeout,
  serverUnavailable,
  taskNotFound,
  type Refusal,
} from "../../mcp/refusals.js";
import { memberSpan, textAt } from "../../mcp/span.js";
import { usesServer } from "../../mcp/use.js";
import { asksForTask } from "../../mcp/tasks.js";
import type { SentFrame } from "../channel/channel.js";
import type { InFlight } from "../in-flight.js";
import { ServerProcess, type ServerProcessOptions } from "../process/server-process.js";
import { IdleTimer } from "../process/idle-timer.js";
import type { ServerHello } from "../process/hello.js";
import type { Usage } from "../usage.js";
import type { Work, WorkForClients } from "./attribution/attribute.js";
import { clientAsker, frameToServer, type Asker, type OnAnswer, type ServerAnswer } from "./asker.js";
import type { CallTurns } from "./call-turns.js";
import type { ClientState } from "./client-state.js";
import { LEVEL_WITHOUT_ONE, neededLevel } from "./log-levels.js";
import { isDelivered, OpenRequests, type OpenCall, type OpenRequest } from "./open-requests.js";
import type { Port } from "./port.js";
import { Sender } from "./sender.js";
import { ServedClients } from "./attribution/served-clients.js";
import { ServerRequests } from "./server-requests.js";
import { Tasks } from "./attribution/tasks.js";
import { ReturnPath } from "./to-client.js";

export interface RouterOptions extends ServerProcessOptions {
  timeoutMs: number;
  idleMs: number;
  /** Clients that have used the server keep it running while they are connected. */
  keptByClients: boolean;
  /** Shared by all processes of the server. */
  turns: CallTurns;
  /** The only client of the process; undefined when several share it. */
  onlyClient: Port | undefined;
  inFlight: InFlight;
  usage: Usage;
  state: ClientState;
  /** The sessions that get the server's notifications to all. */
  ports(): Iterable<Port>;
  onStateChanged: () => void;
  onReady: (hello: ServerHello | undefined) => void;
}

/** A request that its server never got, for the router of the next process. */
export interface UnsentRequest {
  port: Port;
  method: string;
  /** Of the request; its server's may be the other one. */
  era: Era;
  asker: Asker;
}

/**
 * Carries requests to one process of a hosted server: the hot path. Ids and progress tokens become numbers of its own;
 * every other byte passes as it came. Answers come back through ReturnPath.
 */
export class Router {
  readonly process: ServerProcess;
  readonly #options: RouterOptions;
  readonly #open: OpenRequests;
  readonly #sender: Sender;
  readonly #requests: ServerRequests;
  readonly #idle: IdleTimer;
  readonly #tasks = new Tasks();
  readonly #served = new ServedClients();
  /** Connected clients for which the process may keep something. */
  readonly #users = new Set<Port>();
  #nextId = 1;
  #isRetired = false;
  /** The level that the present process was given. */
  #logLevel: McpLogLevel | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    const { name, onlyClient, inFlight, idleMs, log, state, timeoutMs, turns, usage } = options;
    const isShared = onlyClient === undefined;
    this.#open = new OpenRequests(inFlight, {
      onExpired: (open) => this.#onExpired(open),
      onClosed: () => this.#idle.touch(),
    });
    this.#idle = new IdleTimer(
      idleMs,
      () => this.#isInUse(),
      () => this.#onIdle(),
    );
    this.process = new ServerProcess(options, {
      onEnvelope: (envelope, within) => returnPath.route(envelope, within),
      onReady: () => this.#onReady(),
      onDown: (why) => this.#onDown(why),
      onBrokenAnswer: (id, why) => this.#onBrokenAnswer(id, why),
      onFailed: (frame, why) => this.#onFailed(frame, why),
      onStateChanged: () => options.onStateChanged(),
    });
    this.#sender = new Sender({
      server: name,
      timeoutMs,
      turns,
      process: this.process,
      open: this.#open,
      isShared,
      refuse: (open, refusal) => this.#refuse(open, refusal),
      onSent: ({ asker, port, method }) => {
        this.#served.add(port);
        if (asker.kind !== "client") return;
        usage.onSent();
        if (usesServer(method)) this.#users.add(port);
      },
    });
    this.#requests = new ServerRequests({
      server: name,
      isShared,
      work: () => this.#workForClients(),
      askerOf: (sent) => this.#open.carriedBy(sent)?.port,
      sendToServer: (frame) => void this.process.send(frame),
      log: (text) => log("warn", name, options.redact(text)),
    });
    const returnPath = new ReturnPath({
      server: name,
      process: this.process,
      open: this.#open,
      tasks: this.#tasks,
      requests: this.#requests,
      state,
      isShared,
      ports: () => options.ports(),
      onError: (open) => {
        usage.onError();
        open.undo?.();
      },
      onAnswerWithoutId: (response) => this.#onAnswerWithoutId(response),
      onProgress: (open) => {
        open.hasProgressed = true;
        this.#open.limit(open, timeoutMs);
      },
    });
  }

  /** Starts the server if need be and waits until it is ready or known not to become so, at most `boundMs`. */
  ready(boundMs: number): Promise<ServerHello | undefined> {
    return this.process.ready(boundMs);
  }

  /** Sends a client's request as soon as the server is ready. The answer goes to the port. */
  request(port: Port, request: RequestEnvelope): void {
    const { method, raw, params } = request;
    const era = eraOf(request);
    if (method === "logging/setLevel" && era === "initialize") return this.#setLogLevel(port, request);
    const asker = clientAsker(request);
    const open = this.#newRequest({ port, method, era, asker });
    const answer = this.#answerHere(open, () => asObject(paramsOf(request)));
    if (answer !== undefined) return void port.deliver(answer(asker.idText));
    open.asksForTask = method === "tools/call" && asksForTask(raw, params);
    this.#send(open, frameToServer(open.id, request));
  }

  /** Gives the server the level that its clients need now, if it runs. */
  updateLogLevel(): void {
    if (this.process.state !== "ready" || this.process.hello?.capabilities["logging"] === undefined) return;
    // A level can be changed, but not taken back.
    const level = neededLevel(this.#options.ports()) ?? (this.#logLevel && LEVEL_WITHOUT_ONE);
    if (level === this.#logLevel || level === undefined) return;
    this.#logLevel = level;
    this.#tell("logging/setLevel", { level });
  }

  /** Sends a request of Lockstep itself, in the name of a session. The returned function cancels it. */
  ask(port: Port, method: string, params: object, onAnswer: OnAnswer): () => void {
    const open = this.#newRequest({ port, method, era: "initialize", asker: { kind: "lockstep", params, onAnswer } });
    if (this.#answerHere(open, () => asObject(params)) !== undefined) onAnswer(NOTHING);
    else this.#send(open, Buffer.from(requestFrame(String(open.id), method, params)));
    return () => this.#cancel(open, "its answer is no longer needed");
  }

  /** Sends a request that the process before this one never got. */
  retry({ port, method, asker }: UnsentRequest): void {
    if (asker.kind === "lockstep") this.ask(port, method, asker.params, asker.onAnswer);
    else if (asker.request !== undefined) this.request(port, asker.request);
  }

  /** Passes a client's notification on, if the server runs and has this client. */
  notify(port: Port, notification: NotificationEnvelope): void {
    const { onlyClient } = this.#options;
    if (!this.#isRetired && (onlyClient === undefined || onlyClient === port)) this.process.send(notification.raw);
  }

  /** Cancels a client's request. False when it is not open here. */
  cancel(port: Port, { raw, params }: NotificationEnvelope): boolean {
    const span = params && memberSpan(raw, params, "requestId");
    const open = span && this.#open.find(port, textAt(raw, span));
    if (span === undefined || open === undefined) return false;
    open.undo?.();
    if (this.#open.giveUp(open)) this.process.send(replaceSpans(raw, [{ span, text: String(open.id) }]));
    return true;
  }

  /** The session is over: cancels its requests and ends its subscriptions. Its tasks go on. */
  detach(port: Port): void {
    this.#open.stopWaiting((open) => open.port === port);
    for (const open of this.#open.ofPort(port)) this.#cancel(open, "the client disconnected");
    for (const uri of this.#options.state.drop(port)) this.#tell("resources/unsubscribe", { uri });
    for (const known of [this.#open.ghosts, this.#sender, this.#tasks, this.#served, this.#requests])
      known.forget(port);
    if (this.#users.delete(port)) this.#idle.touch();
    this.updateLogLevel();
  }

  /** Gives up the requests that have not been sent, so that the next process can get them. */
  handOver(): UnsentRequest[] {
    this.#sender.dropWaiting();
    const unsent = [...this.#open].filter(({ sent }) => sent === undefined);
    for (const open of unsent) {
      this.#open.close(open);
      open.undo?.(); // The next router sets it again.
    }
    return unsent;
  }

  /** Takes no more requests, gives the open ones `boundMs` to end, answers the rest as lost, and stops the server. */
  async retire(boundMs: number, why: string): Promise<void> {
    this.#isRetired = true;
    this.#sender.close();
    if (boundMs > 0) await this.#open.quiet(boundMs);
    this.#refuseAll((open) => this.#endedRefusal(open, why));
    await this.stop();
  }

  async stop(graceMs?: number): Promise<void> {
    this.#idle.stop();
    this.#requests.drop();
    await this.process.stop(graceMs);
    this.#onEnded();
  }

  /** Answers every open request with "draining". */
  cutOff(): void {
    this.#options.turns.close();
    this.#refuseAll((open) => draining(isDelivered(open)));
  }

  openCalls(): OpenCall[] {
    return this.#open.calls();
  }

  /** The server is asked for the level that all its clients need; a level that MCP does not know is the server's to refuse. */
  #setLogLevel(port: Port, request: RequestEnvelope): void {
    const { raw, params, method } = request;
    const open = this.#newRequest({ port, method, era: "initialize", asker: clientAsker(request) });
    const before = port.logLevel;
    const level = logLevelOf(request);
    const span = params && memberSpan(raw, params, "level");
    if (!isMcpLogLevel(level) || span === undefined) return this.#send(open, frameToServer(open.id, request));
    port.logLevel = level;
    open.undo = () => (port.logLevel = before);
    this.#logLevel = neededLevel(this.#options.ports());
    const needed = { span, text: JSON.stringify(this.#logLevel ?? level) };
    this.#send(open, frameToServer(open.id, request, [needed]));
  }

  #newRequest(request: UnsentRequest): OpenRequest {
    return {
      id: this.#nextId++,
      ...request,
      asksForTask: false,
      undo: undefined,
      sent: undefined,
      turn: undefined,
      place: undefined,
      deadline: Infinity,
      hasProgressed: false,
    };
  }

  /** The frame that answers a request which the server must not get; undefined when it may. */
  #answerHere(open: OpenRequest, params: () => Record<string, unknown>): ((idText: string) => string) | undefined {
    const { port, method } = open;
    const { state } = this.#options;
    switch (method) {
      case "resources/subscribe": {
        const { uri } = params();
        // Until the answer comes other clients may end their own, which the server is not told because of this one.
        if (typeof uri === "string" && state.subscribe(port, uri)) open.undo = () => this.#unsubscribe(port, uri);
        return undefined;
      }
      case "resources/unsubscribe": {
        const { uri } = params();
        const isKept = typeof uri === "string" && !state.unsubscribe(port, uri);
        return isKept ? (idText) => resultFrame(idText, {}) : undefined;
      }
      case "tasks/get":
      case "tasks/result":
      case "tasks/cancel": {
        const { taskId } = params();
        const isOthers = typeof taskId === "string" && !this.#tasks.claim(port, taskId);
        return isOthers ? (idText) => errorFrame(idText, taskNotFound(taskId)) : undefined;
      }
      default:
        return undefined;
    }
  }

  #send(open: OpenRequest, frame: Buffer): void {
    this.#idle.touch();
    this.#options.usage.onRequest();
    this.#open.add(open, frame.length);
    this.#sender.send(open, frame);
  }

  #onReady(): void {
    this.#logLevel = undefined;
    this.updateLogLevel();
    if (this.process.era === "initialize") {
      for (const { method, params } of this.#options.state.replay()) this.#tell(method, params);
    }
    this.#sender.onReady();
    this.#idle.start();
    this.#options.onReady(this.process.hello);
  }

  #onDown(why: string): void {
    this.#idle.stop();
    this.#requests.drop();
    this.#open.stopWaiting();
    this.#onEnded();
    for (const open of this.#open) {
      // Frames that never left are not lost: the next process gets them, or their clients learn why it cannot start.
      if (!isDelivered(open)) open.sent = undefined;
      const cannotRetry = open.asker.kind === "client" && open.asker.request === undefined;
      if (open.sent !== undefined || cannotRetry) this.#refuse(open, this.#endedRefusal(open, why));
    }
    for (const unsent of this.handOver()) this.retry(unsent);
  }

  #onBrokenAnswer(id: string | number | undefined, why: string): void {
    const open = this.#open.answeredBy(id);
    if (open !== undefined) this.#refuse(open, serverLost(this.#options.name, why));
  }

  /** Some servers answer a request that failed with an error without its id. */
  #onAnswerWithoutId({ raw, error }: ResponseEnvelope): void {
    const { log, name, redact } = this.#options;
    const { message } = asObject(parseSpan(raw, error));
    log("warn", name, redact(`answered with an error without a request's id: ${String(message)}`));
  }

  #onFailed(sent: SentFrame, why: string): void {
    const open = this.#open.carriedBy(sent);
    if (open !== undefined) this.#refuse(open, this.#endedRefusal(open, why)); // Else cancelled or timed out meanwhile.
  }

  #isInUse(): boolean {
    const { state, keptByClients } = this.#options;
    const isKept = keptByClients && this.#users.size > 0;
    return isKept || this.#open.size > 0 || state.hasSubscriptions || this.#tasks.areNeeded;
  }

  #onIdle(): void {
    if (this.process.state !== "ready") return;
    this.#options.log("info", this.#options.name, "stopped after its idle time");
    void this.stop();
  }

  #onExpired(open: OpenRequest): void {
    const { name, timeoutMs, turns } = this.#options;
    if (open.turn?.isWaiting === true) return this.#refuse(open, callWaitedTooLong(name, timeoutMs, turns.limit));
    this.#answer(open, serverTimeout(name, timeoutMs, open.hasProgressed));
    this.#cancel(open, "it took longer than the configured timeout");
  }

  #cancel(open: OpenRequest, reason: string): void {
    if (this.#open.get(open.id) !== open) return; // Answered meanwhile.
    open.undo?.();
    if (!this.#open.giveUp(open)) return;
    this.process.send(notificationFrame("notifications/cancelled", { requestId: open.id, reason }));
  }

  #unsubscribe(port: Port, uri: string): void {
    if (this.#options.state.unsubscribe(port, uri)) this.#tell("resources/unsubscribe", { uri });
  }

  #onEnded(): void {
    this.#open.onEnded();
    this.#tasks.clear();
    this.#served.clear();
    this.#users.clear();
  }

  #workForClients(): WorkForClients<Port> {
    const open = [...this.#open.sent()].map(({ port, method, asksForTask }): Work<Port> => {
      return { client: port, method, asksForTask };
    });
    const users = this.#served.orElse(this.#options.ports());
    return { open, ghosts: this.#open.ghosts, tasks: this.#tasks.byId, users };
  }

  /** Sends a request whose answer does not matter. */
  #tell(method: string, params: object): void {
    if (this.process.state !== "ready") return;
    const id = this.#nextId++;
    this.#open.ignore(id);
    this.process.send(requestFrame(String(id), method, params));
  }

  #endedRefusal(open: OpenRequest, why: string): Refusal {
    const { name } = this.#options;
    return isDelivered(open) ? serverLost(name, why) : serverUnavailable(name, why);
  }

  #refuseAll(refusalFor: (open: OpenRequest) => Refusal): void {
    this.#sender.dropWaiting();
    for (const open of this.#open) this.#refuse(open, refusalFor(open));
  }

  #refuse(open: OpenRequest, refusal: Refusal): void {
    open.undo?.();
    this.#answer(open, refusal);
    this.#open.close(open);
  }

  #answer({ asker, port }: OpenRequest, refusal: Refusal): void {
    this.#options.usage.onError();
    if (asker.kind === "lockstep") asker.onAnswer({ ok: false, refusal });
    else port.deliver(errorFrame(asker.idText, refusal));
  }
}

/** Of a request that needs no answer. */
const NOTHING: ServerAnswer = { ok: true, raw: Buffer.from("{}"), result: { start: 0, end: 2 } };
