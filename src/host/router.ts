import {
  paramsOf,
  replaceSpans,
  type Envelope,
  type NotificationEnvelope,
  type RequestEnvelope,
  type ResponseEnvelope,
} from "../wire/envelope.js";
import type { Span } from "../wire/json-scan.js";
import {
  draining,
  errorFrame,
  resultFrame,
  serverLost,
  serverTimeout,
  serverUnavailable,
  type Refusal,
} from "./answers.js";
import { HostedServer, type HostedServerOptions } from "./hosted-server.js";
import { memberSpan, subscriptionSpan } from "./params-span.js";
import type { Port } from "./port.js";
import { ServerRequests } from "./server-requests.js";
import type { ServerHello } from "./server-hello.js";

/** What all routers of a host have in common: how many requests are open, and who wants to know when none is. */
export interface Traffic {
  open: number;
  onIdle: (() => void) | undefined;
}

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
  traffic: Traffic;
  usage: Usage;
  /** The sessions that hear what the server says to all. */
  ports(): Iterable<Port>;
  onStateChanged(): void;
  onReady(hello: ServerHello | undefined): void;
}

/** A request that waits for its answer; who made it gets the answer, mapped back. */
interface OpenRequest {
  port: Port;
  /** The client's own id as JSON text. */
  idText: string;
  method: string;
  /** The client's progress token as JSON text. */
  progressText: string | undefined;
  /** The number of the frame that carried it to the server; 0: it waits for the server's start. */
  frame: number;
  /** Of `performance.now()`. */
  deadline: number;
  /** As it came; of large ones only until they are sent. */
  request: RequestEnvelope | undefined;
  /** Takes the answer instead of the port: for requests that the host makes itself. */
  own: OwnAnswer | undefined;
}

/** A frame of the server, or why there is none. */
export type OwnAnswer = (answer: ResponseEnvelope | Refusal) => void;

/** What is open, for drain and diagnostics. */
export interface OpenCall {
  method: string;
  /** The tool of a `tools/call`. */
  tool: string | undefined;
  delivered: boolean;
}

/**
 * Carries frames between sessions and one hosted server: the hot path. Ids and progress tokens become numbers of its
 * own on the way in and the client's again on the way out; every other byte passes as it came.
 */
export class Router {
  readonly server: HostedServer;
  readonly #options: RouterOptions;
  readonly #requests: ServerRequests;
  /** In the order of their arrival, which, with one timeout for all, is that of their deadlines. */
  readonly #open = new Map<number, OpenRequest>();
  #nextId = 1;
  /** Frames of open requests that wait for the server's start. */
  #queue: { id: number; frame: Buffer }[] = [];
  #lastUse = 0;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];
  #onClosed: (() => void) | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.server = new HostedServer(options, {
      onEnvelope: (envelope) => this.#onEnvelope(envelope),
      onReady: () => this.#onReady(),
      onDown: (why, left) => this.#onDown(why, left),
      onStateChanged: () => options.onStateChanged(),
    });
    this.#requests = new ServerRequests({
      server: options.name,
      busyPorts: () => new Set([...this.#open.values()].map((open) => open.port)),
      ports: () => options.ports(),
      sendToServer: (frame) => void this.server.send(frame),
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
    const { usage, traffic, timeoutMs } = this.#options;
    const now = performance.now();
    this.#lastUse = now;
    usage.lastUsedAt = Date.now();
    const idText = raw.toString("utf8", idSpan.start, idSpan.end);
    const demand = this.server.demand();
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
      port,
      idText,
      method,
      progressText: progress && raw.toString("utf8", progress.span.start, progress.span.end),
      frame: 0,
      deadline: isLasting(method) ? Infinity : now + timeoutMs,
      request,
      own,
    };
    this.#open.set(id, open);
    if (!isLasting(method)) traffic.open++;
    this.#armDeadline();
    if (demand.now === "ready") this.#send(open, frame);
    else this.#queue.push({ id, frame });
  }

  /** Passes a client's notification on, if the server runs. */
  notify(notification: NotificationEnvelope): void {
    this.server.send(notification.raw);
  }

  /** Cancels a client's request, if it is one of this router's. */
  cancel(port: Port, notification: NotificationEnvelope): boolean {
    const { raw, params } = notification;
    const span = params && memberSpan(raw, params, "requestId");
    if (span === undefined) return false;
    const requestId = raw.toString("utf8", span.start, span.end);
    for (const [id, open] of this.#open) {
      if (open.port !== port || open.idText !== requestId || open.own !== undefined) continue;
      this.#close(id, open);
      if (open.frame > 0) this.server.send(replaceSpans(raw, [{ span, text: String(id) }]));
      return true;
    }
    return false;
  }

  /** The session is over: nobody waits for its answers any more. */
  detach(port: Port): void {
    for (const [id, open] of this.#open) {
      if (open.port !== port) continue;
      this.#close(id, open);
      if (open.frame > 0) this.#cancelAtServer(id, "the client disconnected");
    }
  }

  /** Gives up the requests that were not sent, so that a successor can. */
  handOver(): { port: Port; request: RequestEnvelope; own: OwnAnswer | undefined }[] {
    const unsent = [...this.#open].filter(([, open]) => open.frame === 0);
    return unsent.flatMap(([id, open]) => {
      this.#close(id, open);
      return open.request ? { port: open.port, request: open.request, own: open.own } : [];
    });
  }

  /** Lets open requests end within `boundMs`, answers the others as lost, stops the server. */
  async retire(boundMs: number, why: string): Promise<void> {
    if (this.#isBusy() && boundMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, boundMs);
        this.#onClosed = () => {
          if (this.#isBusy()) return;
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const { name } = this.#options;
    this.#answerAll((delivered) => (delivered ? serverLost(name, why) : serverUnavailable(name, why)));
    await this.stop();
  }

  async stop(graceMs?: number): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    this.#requests.drop();
    await this.server.stop(graceMs);
  }

  /** Answers every open request with "draining". */
  cutOff(): void {
    this.#answerAll(draining);
  }

  /** Tells the sessions to look again at what the server offers. */
  announceLists({ capabilities }: ServerHello): void {
    for (const list of ["tools", "prompts", "resources"]) {
      if (capabilities[list] === undefined) continue;
      const frame = Buffer.from(`{"jsonrpc":"2.0","method":"notifications/${list}/list_changed"}`);
      for (const port of this.#options.ports()) this.#deliver(port, frame);
    }
  }

  openCalls(): OpenCall[] {
    const calls: OpenCall[] = [];
    for (const open of this.#open.values()) {
      if (isLasting(open.method)) continue;
      calls.push({ method: open.method, tool: toolOf(open), delivered: open.frame > 0 });
    }
    return calls;
  }

  #isBusy(): boolean {
    for (const { method } of this.#open.values()) if (!isLasting(method)) return true;
    return false;
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
    const { client } = open.port;
    client.pause();
    this.server.onDrain(() => client.resume());
  }

  #onReady(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const { id, frame } of queue) {
      const open = this.#open.get(id);
      if (open !== undefined) this.#send(open, frame);
    }
    this.#lastUse = performance.now();
    this.#armIdle(this.#options.idleMs);
    this.#options.onReady(this.server.hello);
    this.#wakeWaiting();
  }

  #onDown(why: string, left: number): void {
    this.#queue = [];
    this.#requests.drop();
    for (const [id, open] of [...this.#open]) {
      // What never left is not lost: it waits for the next start, or hears why there is none.
      if (open.frame > left) open.frame = 0;
      if (open.frame > 0) this.#refuse(id, open, serverLost(this.#options.name, why));
      else if (open.request === undefined) this.#refuse(id, open, serverUnavailable(this.#options.name, why));
    }
    for (const { port, request, own } of this.handOver()) this.request(port, request, own);
    this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #onEnvelope(envelope: Envelope): void {
    switch (envelope.kind) {
      case "response":
        return this.#onResponse(envelope);
      case "notification":
        return this.#onNotification(envelope);
      case "request":
        if (envelope.method !== "ping") return this.#requests.take(envelope);
        this.server.send(resultFrame(textAt(envelope.raw, envelope.idSpan), {}));
    }
  }

  #onResponse(response: ResponseEnvelope): void {
    const id = Number(response.id);
    const open = this.#open.get(id);
    if (open === undefined) return; // Cancelled or timed out meanwhile.
    this.#close(id, open);
    if (response.error !== undefined) this.#options.usage.errors++;
    if (open.own) return open.own(response);
    const edits = [{ span: response.idSpan, text: open.idText }];
    if (isLasting(open.method)) {
      const subscription = response.result && subscriptionSpan(response.raw, response.result);
      if (subscription) edits.push({ span: subscription, text: open.idText });
    }
    this.#deliver(open.port, replaceSpans(response.raw, edits));
  }

  #onNotification(notification: NotificationEnvelope): void {
    const { raw, method, params, progress } = notification;
    if (method === "notifications/progress") {
      const open = progress && this.#open.get(Number(progress.token));
      if (open?.progressText === undefined || open.own) return;
      return this.#deliver(open.port, replaceSpans(raw, [{ span: progress!.span, text: open.progressText }]));
    }
    if (method === "notifications/cancelled") return this.#onCancelledByServer(notification);
    const subscription = params && this.#options.handshake === "none" ? subscriptionSpan(raw, params) : undefined;
    if (subscription !== undefined) {
      const open = this.#open.get(numberAt(raw, subscription));
      if (open) this.#deliver(open.port, replaceSpans(raw, [{ span: subscription, text: open.idText }]));
      return;
    }
    for (const port of this.#options.ports()) this.#deliver(port, raw);
  }

  /** A server takes back what it asked, or (since 2026-07-28) ends a subscription. */
  #onCancelledByServer({ raw, params }: NotificationEnvelope): void {
    const span = params && memberSpan(raw, params, "requestId");
    if (span === undefined || this.#requests.cancel(raw, span)) return;
    const id = numberAt(raw, span);
    const open = this.#open.get(id);
    if (open === undefined || !isLasting(open.method)) return;
    this.#close(id, open);
    this.#deliver(open.port, replaceSpans(raw, [{ span, text: open.idText }]));
  }

  #deliver(port: Port, frame: Buffer): void {
    if (port.deliver(frame)) return;
    // With one client the server itself can be slowed down; with several, one must not hold up the others.
    const [first, second] = this.#options.ports();
    if (first !== port || second !== undefined) return;
    this.server.pause();
    port.client.onDrain(() => this.server.resume());
  }

  #close(id: number, open: OpenRequest): void {
    this.#open.delete(id);
    if (!isLasting(open.method)) {
      const { traffic } = this.#options;
      traffic.open--;
      if (traffic.open === 0) traffic.onIdle?.();
    }
    this.#lastUse = performance.now();
    this.#onClosed?.();
  }

  #answerAll(refusalFor: (delivered: boolean, open: OpenRequest) => Refusal): void {
    // Those who get an answer may ask again at once, so the list is closed first.
    for (const [id, open] of [...this.#open]) this.#refuse(id, open, refusalFor(open.frame > 0, open));
  }

  #refuse(id: number, open: OpenRequest, refusal: Refusal): void {
    this.#options.usage.errors++;
    if (open.own) open.own(refusal);
    else open.port.deliver(errorFrame(open.idText, refusal));
    this.#close(id, open);
  }

  #cancelAtServer(requestId: number, reason: string): void {
    this.server.send(
      JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId, reason } }),
    );
  }

  #armDeadline(): void {
    if (this.#deadlineTimer !== undefined) return;
    const next = firstDeadline(this.#open.values());
    if (next === Infinity) return;
    const waitMs = Math.min(Math.max(0, next - performance.now()), MAX_TIMER_MS);
    this.#deadlineTimer = setTimeout(() => {
      this.#deadlineTimer = undefined;
      this.#expire(performance.now());
      this.#armDeadline();
    }, waitMs);
    this.#deadlineTimer.unref();
  }

  #expire(now: number): void {
    const { name, timeoutMs } = this.#options;
    for (const [id, open] of this.#open) {
      if (open.deadline === Infinity) continue;
      if (open.deadline > now) return;
      const delivered = open.frame > 0;
      this.#refuse(id, open, serverTimeout(name, timeoutMs, delivered));
      if (delivered) this.#cancelAtServer(id, "it took longer than the configured timeout");
    }
  }

  #armIdle(waitMs: number): void {
    if (this.#idleTimer !== undefined || waitMs === Infinity) return;
    this.#idleTimer = setTimeout(
      () => {
        this.#idleTimer = undefined;
        if (this.server.state !== "ready") return;
        const idleFor = this.#open.size > 0 ? 0 : performance.now() - this.#lastUse;
        if (idleFor < this.#options.idleMs - 1) return this.#armIdle(this.#options.idleMs - idleFor);
        this.#options.log("info", this.#options.name, "stopped, since nobody used it for its idle time");
        void this.stop();
      },
      Math.min(waitMs, MAX_TIMER_MS),
    );
    this.#idleTimer.unref();
  }
}

function firstDeadline(requests: Iterable<OpenRequest>): number {
  for (const { deadline } of requests) if (deadline !== Infinity) return deadline;
  return Infinity;
}

/** A request that stays open on purpose, and that no drain waits for. */
function isLasting(method: string): boolean {
  return method === "subscriptions/listen";
}

function toolOf({ method, request }: OpenRequest): string | undefined {
  if (method !== "tools/call" || request === undefined) return undefined;
  const name = (paramsOf(request) as { name?: unknown } | undefined)?.name;
  return typeof name === "string" ? name : undefined;
}

function textAt(raw: Buffer, span: Span): string {
  return raw.toString("utf8", span.start, span.end);
}

/** The number at a span, also where a server wrote it as a string. */
function numberAt(raw: Buffer, span: Span): number {
  return Number(JSON.parse(textAt(raw, span)));
}

/** Larger requests are not kept beside their frame for the sake of a tool's name. */
const KEPT_BYTES = 64 * 1024;

/** What setTimeout can hold; longer waits are taken in several steps. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
