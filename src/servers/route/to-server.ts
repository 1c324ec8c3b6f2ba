import { replaceSpans, type NotificationEnvelope, type RequestEnvelope } from "../../wire/envelope.js";
import { errorFrame, notificationFrame, requestFrame, resultFrame } from "../../mcp/answer-frames.js";
import { draining, serverLost, serverTimeout, serverUnavailable, type Refusal } from "../../mcp/refusals.js";
import { HostedServer, type HostedServerOptions } from "../process/hosted-server.js";
import { IdleTimer } from "../process/idle-timer.js";
import { OpenRequests, type OpenCall, type OpenRequest, type OwnAnswer } from "./open-requests.js";
import type { InFlight } from "../in-flight.js";
import { isSubscription } from "../../mcp/era.js";
import { LIST_CAPABILITIES, listChanged } from "../../mcp/lists.js";
import { uriOf } from "../../mcp/params.js";
import { memberSpan, textAt } from "../../mcp/span.js";
import type { Port } from "./port.js";
import { ResourceSubscriptions } from "./resource-subscriptions.js";
import { ReturnPath } from "./to-client.js";
import type { ServerHello } from "../process/hello.js";
import { ServerRequests } from "./server-asks.js";
import { StartQueue } from "../process/start-queue.js";

/** What all routers of one configured server add up. */
export interface Usage {
  calls: number;
  errors: number;
  /** Epoch milliseconds; 0: never. */
  lastUsedAt: number;
}

export interface RouterOptions extends HostedServerOptions {
  timeoutMs: number;
  idleMs: number;
  inFlight: InFlight;
  usage: Usage;
  /** The sessions that hear what the server says to all. */
  ports(): Iterable<Port>;
  onStateChanged: () => void;
  onReady: (hello: ServerHello | undefined) => void;
}

/**
 * Carries frames between sessions and one hosted server: the hot path. Ids and progress tokens become numbers of its
 * own on the way in and the client's again on the way out; every other byte passes as it came.
 */
export class Router {
  readonly server: HostedServer;
  readonly #options: RouterOptions;
  readonly #open: OpenRequests;
  readonly #requests: ServerRequests;
  readonly #subscriptions = new ResourceSubscriptions();
  readonly #idle: IdleTimer;
  #nextId = 1;
  readonly #queue = new StartQueue();
  readonly #return: ReturnPath;
  #waiting: (() => void)[] = [];
  #isRetired = false;
  #onLastClosed: (() => void) | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#open = new OpenRequests(
      options.inFlight,
      (open) => this.#onExpired(open),
      () => this.#onClosed(),
    );
    this.#idle = new IdleTimer(
      options.idleMs,
      () => this.#open.size > 0 || this.#subscriptions.uris.length > 0,
      () => this.#onIdle(),
    );
    this.server = new HostedServer(options, {
      onEnvelope: (envelope) => this.#return.take(envelope),
      onReady: () => this.#onReady(),
      onDown: (why, left) => this.#onDown(why, left),
      onStateChanged: () => options.onStateChanged(),
    });
    this.#requests = new ServerRequests({
      server: options.name,
      busyPorts: () => this.#open.ports(),
      ports: () => options.ports(),
      sendToServer: (frame) => void this.server.send(frame),
    });
    this.#return = new ReturnPath({
      server: this.server,
      open: this.#open,
      requests: this.#requests,
      subscriptions: this.#subscriptions,
      ports: () => options.ports(),
      onError: () => options.usage.errors++,
    });
  }

  /** Starts the server if need be and waits until it is ready or known not to become so; at most `boundMs`. */
  async ready(boundMs: number): Promise<ServerHello | undefined> {
    if (this.server.demand().now === "wait") {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, boundMs);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.server.state === "ready" ? this.server.hello : undefined;
  }

  /** Routes a client's request; the answer goes to `own` or, without it, to the port. */
  request(port: Port, request: RequestEnvelope, own?: OwnAnswer): void {
    const { raw, idSpan, progress, method } = request;
    const { usage, timeoutMs } = this.#options;
    this.#idle.touch();
    usage.lastUsedAt = Date.now();
    const idText = textAt(raw, idSpan);
    if (method === "resources/unsubscribe" && !this.#mayUnsubscribe(port, request)) {
      port.deliver(resultFrame(idText, {}));
      return;
    }
    const demand = this.#isRetired ? RETIRED : this.server.demand();
    if (demand.now === "refused") {
      usage.errors++;
      const refusal = serverUnavailable(this.#options.name, demand.why);
      if (own) own(refusal);
      else port.deliver(errorFrame(idText, refusal));
      return;
    }
    const id = this.#nextId++;
    const mapped = String(id);
    const edits = [{ span: idSpan, text: mapped }];
    if (progress !== undefined) edits.push({ span: progress.span, text: mapped });
    const frame = replaceSpans(raw, edits);
    const open: OpenRequest = {
      id,
      port,
      idText,
      method,
      progressText: progress && textAt(raw, progress.span),
      frame: 0,
      deadline: isSubscription(method) ? Infinity : performance.now() + timeoutMs,
      request,
      own,
      leave: undefined,
    };
    this.#open.add(open);
    if (demand.now === "ready") this.#send(open, frame);
    else this.#queue.add(open, frame);
  }

  /** Passes a client's notification on, if the server runs. */
  notify(notification: NotificationEnvelope): void {
    this.server.send(notification.raw);
  }

  /** Cancels a client's request, if it is one of this router's. */
  cancel(port: Port, { raw, params }: NotificationEnvelope): boolean {
    const span = params && memberSpan(raw, params, "requestId");
    const open = span && this.#open.find(port, textAt(raw, span));
    if (open === undefined) return false;
    this.#open.close(open);
    if (open.frame > 0) this.server.send(replaceSpans(raw, [{ span: span!, text: String(open.id) }]));
    return true;
  }

  /** The session is over: nobody waits for its answers any more. */
  detach(port: Port): void {
    for (const open of this.#open.ofPort(port)) {
      this.#open.close(open);
      if (open.frame > 0) this.#cancelAtServer(open, "the client disconnected");
    }
    for (const uri of this.#subscriptions.dropPort(port)) this.#tell("resources/unsubscribe", uri);
  }

  /** Gives up the requests that were not sent, so that a successor can. */
  handOver(): { port: Port; request: RequestEnvelope; own: OwnAnswer | undefined }[] {
    this.#queue.take();
    const unsent = [...this.#open].filter(({ frame }) => frame === 0);
    return unsent.flatMap((open) => {
      this.#open.close(open);
      return open.request ? { port: open.port, request: open.request, own: open.own } : [];
    });
  }

  /** Takes nothing new, lets open requests end within `boundMs`, answers the others as lost, stops the server. */
  async retire(boundMs: number, why: string): Promise<void> {
    this.#isRetired = true;
    if (this.#open.isBusy() && boundMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, boundMs);
        this.#onLastClosed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const { name } = this.#options;
    this.#refuseAll((delivered) => (delivered ? serverLost(name, why) : serverUnavailable(name, why)));
    await this.stop();
  }

  async stop(graceMs?: number): Promise<void> {
    this.#idle.stop();
    this.#requests.drop();
    await this.server.stop(graceMs);
  }

  /** Answers every open request with "draining". */
  cutOff(): void {
    this.#refuseAll(draining);
  }

  /** Tells the sessions to look again at what the server offers. */
  announceLists({ capabilities }: ServerHello): void {
    for (const list of LIST_CAPABILITIES) {
      if (capabilities[list] === undefined) continue;
      const frame = Buffer.from(notificationFrame(listChanged(list)));
      for (const port of this.#options.ports()) this.#return.deliver(port, frame);
    }
  }

  openCalls(): OpenCall[] {
    return this.#open.calls();
  }

  #send(open: OpenRequest, frame: Buffer): void {
    if (open.own === undefined) this.#options.usage.calls++;
    const before = this.server.framesSent;
    const roomLeft = this.server.send(frame);
    const taken = this.server.framesSent;
    // A server that is just going away takes nothing; its end is reported in a moment.
    if (taken === before) return;
    open.frame = taken;
    if (frame.length > KEPT_BYTES) open.request = undefined;
    if (roomLeft) return;
    // The server reads more slowly than this client writes: the client's own socket is where the rest shall wait.
    this.server.onDrain(open.port.hold("its server reads more slowly than it writes"));
  }

  #onReady(): void {
    for (const uri of this.#subscriptions.uris) this.#tell("resources/subscribe", uri);
    for (const { open, frame } of this.#queue.take()) {
      if (this.#open.get(open.id) === open) this.#send(open, frame);
    }
    this.#idle.start();
    this.#options.onReady(this.server.hello);
    this.#wakeWaiting();
  }

  #onDown(why: string, left: number): void {
    this.#idle.stop();
    this.#requests.drop();
    const { name } = this.#options;
    for (const open of this.#open) {
      // What never left is not lost: it waits for the next start, or hears why there is none.
      if (open.frame > left) open.frame = 0;
      if (open.frame > 0) this.#refuse(open, serverLost(name, why));
      else if (open.request === undefined) this.#refuse(open, serverUnavailable(name, why));
    }
    for (const { port, request, own } of this.handOver()) this.request(port, request, own);
    this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #onIdle(): void {
    if (this.server.state !== "ready") return;
    this.#options.log("info", this.#options.name, "stopped, since nobody used it for its idle time");
    void this.stop();
  }

  #onClosed(): void {
    this.#idle.touch();
    if (this.#onLastClosed !== undefined && !this.#open.isBusy()) this.#onLastClosed();
  }

  #onExpired(open: OpenRequest): void {
    const delivered = open.frame > 0;
    this.#refuse(open, serverTimeout(this.#options.name, this.#options.timeoutMs, delivered));
    if (delivered) this.#cancelAtServer(open, "it took longer than the configured timeout");
  }

  /** Others may still want what this session does not. */
  #mayUnsubscribe(port: Port, request: RequestEnvelope): boolean {
    const uri = uriOf(request);
    return uri === undefined || this.#subscriptions.unsubscribe(port, uri);
  }

  /** A request of our own whose answer does not matter. */
  #tell(method: string, uri: string): void {
    if (this.server.state === "ready") this.server.send(requestFrame(`${this.#nextId++}`, method, { uri }));
  }

  #cancelAtServer({ id }: OpenRequest, reason: string): void {
    this.server.send(notificationFrame("notifications/cancelled", { requestId: id, reason }));
  }

  #refuseAll(refusalFor: (delivered: boolean) => Refusal): void {
    for (const open of this.#open) this.#refuse(open, refusalFor(open.frame > 0));
  }

  #refuse(open: OpenRequest, refusal: Refusal): void {
    this.#options.usage.errors++;
    if (open.own) open.own(refusal);
    else open.port.deliver(errorFrame(open.idText, refusal));
    this.#open.close(open);
  }
}

/** To those who ask a router that is on its way out. */
const RETIRED = { now: "refused", why: "The server is being replaced. Try again." } as const;

/** Larger requests are not kept beside their frame for the sake of a tool's name. */
const KEPT_BYTES = 64 * 1024;
