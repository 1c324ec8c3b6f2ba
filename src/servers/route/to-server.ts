import { replaceSpans, type NotificationEnvelope, type RequestEnvelope } from "../../wire/envelope.js";
import { errorFrame, notificationFrame, requestFrame, resultFrame } from "../../mcp/answer-frames.js";
import { isSubscription, type Era } from "../../mcp/era.js";
import { isMcpLogLevel, type McpLogLevel } from "../../mcp/log-level.js";
import { logLevelOf, uriOf } from "../../mcp/params.js";
import {
  callWaitedTooLong,
  draining,
  serverLost,
  serverTimeout,
  serverUnavailable,
  tooMuchWaits,
  type Refusal,
} from "../../mcp/refusals.js";
import { memberSpan, textAt } from "../../mcp/span.js";
import type { SentFrame } from "../channel/channel.js";
import type { InFlight } from "../in-flight.js";
import { ServerProcess, type ServerProcessOptions } from "../process/server-process.js";
import { IdleTimer } from "../process/idle-timer.js";
import type { ServerHello } from "../process/hello.js";
import { StartQueue } from "./start-queue.js";
import type { Usage } from "../usage.js";
import { clientAsker, frameToServer, type Asker, type OnAnswer } from "./asker.js";
import { Turn, type CallTurns } from "./call-turns.js";
import type { ClientState } from "./client-state.js";
import { Ghosts } from "./ghosts.js";
import { LEVEL_WITHOUT_ONE, neededLevel } from "./log-levels.js";
import { isDelivered, OpenRequests, type OpenCall, type OpenRequest } from "./open-requests.js";
import type { Port } from "./port.js";
import { ServerRequests } from "./server-requests.js";
import { ReturnPath } from "./to-client.js";

export interface RouterOptions extends ServerProcessOptions {
  timeoutMs: number;
  idleMs: number;
  /** Shared by all processes of the server. */
  turns: CallTurns;
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
  readonly #ghosts = new Ghosts();
  readonly #requests: ServerRequests;
  readonly #idle: IdleTimer;
  readonly #queue = new StartQueue();
  #nextId = 1;
  #isRetired = false;
  /** The level that the present process was given. */
  #logLevel: McpLogLevel | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    const { inFlight, idleMs, state, usage } = options;
    const ports = (): Iterable<Port> => options.ports();
    this.#open = new OpenRequests(inFlight, {
      onExpired: (open) => this.#onExpired(open),
      onClosed: () => this.#idle.touch(),
    });
    this.#idle = new IdleTimer(
      idleMs,
      () => this.#open.size > 0 || state.hasSubscriptions,
      () => this.#onIdle(),
    );
    this.process = new ServerProcess(options, {
      onEnvelope: (envelope) => returnPath.route(envelope),
      onReady: () => this.#onReady(),
      onDown: (why) => this.#onDown(why),
      onBrokenAnswer: (id, why) => this.#onBrokenAnswer(id, why),
      onFailed: (frame, why) => this.#onFailed(frame, why),
      onStateChanged: () => options.onStateChanged(),
    });
    this.#requests = new ServerRequests({
      server: options.name,
      busyPorts: () => this.#open.ports(),
      ports,
      sendToServer: (frame) => void this.process.send(frame),
    });
    const returnPath = new ReturnPath({
      process: this.process,
      open: this.#open,
      ghosts: this.#ghosts,
      requests: this.#requests,
      state,
      ports,
      onError: () => usage.onError(),
    });
  }

  get era(): Era {
    return this.#options.era;
  }

  /** Starts the server if need be and waits until it is ready or known not to become so, at most `boundMs`. */
  ready(boundMs: number): Promise<ServerHello | undefined> {
    return this.process.ready(boundMs);
  }

  /** Sends a client's request as soon as the server is ready. The answer goes to the port. */
  request(port: Port, request: RequestEnvelope): void {
    const { method } = request;
    if (method === "logging/setLevel") return this.#setLogLevel(port, request);
    const asker = clientAsker(request);
    if (method === "resources/unsubscribe" && this.#isKeptByOthers(port, uriOf(request))) {
      port.deliver(resultFrame(asker.idText, {}));
      return;
    }
    const id = this.#nextId++;
    this.#route(id, { port, method, asker }, frameToServer(id, request));
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

  /** Sends a request of Lockstep itself, in the name of a session. */
  ask(port: Port, method: string, params: object, onAnswer: OnAnswer): void {
    const { uri } = params as { uri?: unknown };
    if (method === "resources/unsubscribe" && typeof uri === "string" && this.#isKeptByOthers(port, uri)) {
      return onAnswer({ ok: true, result: {} });
    }
    const id = this.#nextId++;
    const frame = Buffer.from(requestFrame(String(id), method, params));
    this.#route(id, { port, method, asker: { kind: "lockstep", params, onAnswer } }, frame);
  }

  /** Sends a request that the process before this one never got. */
  retry({ port, method, asker }: UnsentRequest): void {
    if (asker.kind === "lockstep") this.ask(port, method, asker.params, asker.onAnswer);
    else if (asker.request !== undefined) this.request(port, asker.request);
  }

  /** Passes a client's notification on, if the server runs. */
  notify(notification: NotificationEnvelope): void {
    this.process.send(notification.raw);
  }

  /** Cancels a client's request. False when it is not open here. */
  cancel(port: Port, { raw, params }: NotificationEnvelope): boolean {
    const span = params && memberSpan(raw, params, "requestId");
    const open = span && this.#open.find(port, textAt(raw, span));
    if (open === undefined) return false;
    const wasSent = this.#giveUp(open);
    if (wasSent) this.process.send(replaceSpans(raw, [{ span: span!, text: String(open.id) }]));
    return true;
  }

  /** The session is over: cancels its requests and ends its subscriptions. */
  detach(port: Port): void {
    this.#stopWaiting((open) => open.port === port);
    for (const open of this.#open.ofPort(port)) {
      if (this.#giveUp(open)) this.#cancelAtServer(open, "the client disconnected");
    }
    for (const uri of this.#options.state.drop(port)) this.#tell("resources/unsubscribe", { uri });
    this.updateLogLevel();
  }

  /** Gives up the requests that have not been sent, so that the next process can get them. */
  handOver(): UnsentRequest[] {
    this.#queue.take();
    this.#stopWaiting();
    const unsent = [...this.#open].filter(({ sent }) => sent === undefined);
    for (const open of unsent) this.#close(open);
    return unsent;
  }

  /** Takes no more requests, gives the open ones `boundMs` to end, answers the rest as lost, and stops the server. */
  async retire(boundMs: number, why: string): Promise<void> {
    this.#isRetired = true;
    if (boundMs > 0) await this.#open.quiet(boundMs);
    this.#refuseAll((open) => this.#endedRefusal(open, why));
    await this.stop();
  }

  async stop(graceMs?: number): Promise<void> {
    this.#idle.stop();
    this.#requests.drop();
    await this.process.stop(graceMs);
    this.#ghosts.clear();
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
    const before = port.logLevel;
    const level = logLevelOf(request);
    const span = params && memberSpan(raw, params, "level");
    const id = this.#nextId++;
    if (!isMcpLogLevel(level) || span === undefined) {
      return this.#route(id, { port, method, asker: clientAsker(request) }, frameToServer(id, request));
    }
    port.logLevel = level;
    const asker = clientAsker(request, () => (port.logLevel = before));
    this.#logLevel = neededLevel(this.#options.ports());
    const needed = { span, text: JSON.stringify(this.#logLevel ?? level) };
    this.#route(id, { port, method, asker }, frameToServer(id, request, [needed]));
  }

  #route(id: number, request: UnsentRequest, frame: Buffer): void {
    const { name, usage, turns, timeoutMs } = this.#options;
    const { port, method } = request;
    this.#idle.touch();
    usage.onRequest();
    const open: OpenRequest = { id, ...request, sent: undefined, turn: undefined, deadline: Infinity };
    this.#open.add(open);
    if (turns.limit === Infinity || method !== "tools/call") return this.#begin(open, frame);
    if (turns.waitingBytes(port) > MAX_WAITING_BYTES) {
      return this.#refuse(open, tooMuchWaits(name, turns.limit, MAX_WAITING_BYTES));
    }
    open.turn = new Turn(turns, port, frame.length, () => this.#begin(open, frame));
    open.turn.take();
    if (open.turn.isWaiting) this.#open.limit(open, timeoutMs);
  }

  /** Sends it, or lets it wait for the server's start, which has a time limit of its own. */
  #begin(open: OpenRequest, frame: Buffer): void {
    open.deadline = Infinity;
    const demand = this.#isRetired ? RETIRED : this.process.demand();
    if (demand.now === "refused") this.#refuse(open, serverUnavailable(this.#options.name, demand.why));
    else if (demand.now === "ready") this.#send(open, frame);
    else this.#queue.add(open, frame);
  }

  #send(open: OpenRequest, frame: Buffer): void {
    const { asker, port } = open;
    if (asker.kind === "client") this.#options.usage.onSent();
    const sent = this.process.send(frame);
    // A server that is just ending takes nothing; its end is reported in a moment.
    if (sent === undefined || sent.fate === "failed-before") return;
    open.sent = sent;
    if (!isSubscription(open.method)) this.#open.limit(open, this.#options.timeoutMs);
    if (asker.kind === "client" && frame.length > KEPT_BYTES) asker.request = undefined;
    if (!sent.roomLeft) this.process.onDrain(port.hold("its server reads more slowly than it writes"));
  }

  #onReady(): void {
    this.#logLevel = undefined;
    this.updateLogLevel();
    for (const { method, params } of this.#options.state.replay()) this.#tell(method, params);
    for (const { open, frame } of this.#queue.take()) {
      if (this.#open.get(open.id) === open) this.#send(open, frame);
    }
    this.#idle.start();
    this.#options.onReady(this.process.hello);
  }

  #onDown(why: string): void {
    this.#idle.stop();
    this.#requests.drop();
    this.#stopWaiting();
    this.#ghosts.clear();
    for (const open of this.#open) {
      // Frames that never left are not lost: the next process gets them, or their clients learn why it cannot start.
      if (!isDelivered(open)) open.sent = undefined;
      const cannotRetry = open.asker.kind === "client" && open.asker.request === undefined;
      if (open.sent !== undefined || cannotRetry) this.#refuse(open, this.#endedRefusal(open, why));
    }
    for (const unsent of this.handOver()) this.retry(unsent);
  }

  #onBrokenAnswer(id: string | number | undefined, why: string): void {
    const sent = [...this.#open].filter(isDelivered);
    // Without an id it can be told whose answer it was only if one request is open.
    const open = id !== undefined ? this.#open.get(Number(id)) : sent.length === 1 ? sent[0] : undefined;
    if (open !== undefined) this.#refuse(open, serverLost(this.#options.name, why));
  }

  #onFailed(sent: SentFrame, why: string): void {
    const open = [...this.#open].find((candidate) => candidate.sent === sent);
    if (open !== undefined) this.#refuse(open, this.#endedRefusal(open, why)); // Else cancelled or timed out meanwhile.
  }

  #onIdle(): void {
    if (this.process.state !== "ready") return;
    this.#options.log("info", this.#options.name, "stopped after its idle time");
    void this.stop();
  }

  #onExpired(open: OpenRequest): void {
    const { name, timeoutMs, turns } = this.#options;
    if (open.turn?.isWaiting === true) return this.#refuse(open, callWaitedTooLong(name, timeoutMs, turns.limit));
    const delivered = isDelivered(open);
    this.#answer(open, serverTimeout(name, timeoutMs, delivered));
    if (this.#giveUp(open)) this.#cancelAtServer(open, "it took longer than the configured timeout");
  }

  /** Forgets a request that the server may go on working on. True when the server has it. */
  #giveUp(open: OpenRequest): boolean {
    if (open.sent === undefined) this.#close(open);
    else {
      this.#open.close(open);
      this.#ghosts.add(open);
    }
    return open.sent !== undefined;
  }

  /** Forgets a request that the server does not work on. */
  #close(open: OpenRequest): void {
    this.#open.close(open);
    open.turn?.end();
  }

  /** Takes calls out of the line, so that the end of one of them does not start another. */
  #stopWaiting(which: (open: OpenRequest) => boolean = () => true): void {
    for (const open of this.#open) if (open.turn?.isWaiting === true && which(open)) open.turn.end();
  }

  /** Ends a client's subscription. True when the server must not hear of it, since other clients have it as well. */
  #isKeptByOthers(port: Port, uri: string | undefined): boolean {
    return uri !== undefined && !this.#options.state.unsubscribe(port, uri);
  }

  /** Sends a request whose answer does not matter. */
  #tell(method: string, params: object): void {
    if (this.process.state === "ready") this.process.send(requestFrame(`${this.#nextId++}`, method, params));
  }

  #cancelAtServer({ id }: OpenRequest, reason: string): void {
    this.process.send(notificationFrame("notifications/cancelled", { requestId: id, reason }));
  }

  #endedRefusal(open: OpenRequest, why: string): Refusal {
    const { name } = this.#options;
    return isDelivered(open) ? serverLost(name, why) : serverUnavailable(name, why);
  }

  #refuseAll(refusalFor: (open: OpenRequest) => Refusal): void {
    this.#stopWaiting();
    for (const open of this.#open) this.#refuse(open, refusalFor(open));
    this.#queue.take(); // All that waited there is refused, so its clients can be read again.
  }

  #refuse(open: OpenRequest, refusal: Refusal): void {
    this.#answer(open, refusal);
    this.#close(open);
  }

  #answer(open: OpenRequest, refusal: Refusal): void {
    const { port, asker } = open;
    this.#options.usage.onError();
    if (asker.kind === "lockstep") return asker.onAnswer({ ok: false, refusal });
    asker.undo?.();
    port.deliver(errorFrame(asker.idText, refusal));
  }
}

/** For requests to a process that is being replaced. */
const RETIRED = { now: "refused", why: "The server is being replaced. Try again." } as const;

/** A client whose calls wait with more than this gets an error for further ones. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Larger requests are not kept beside their frame for the sake of a tool's name. */
const KEPT_BYTES = 64 * 1024;
