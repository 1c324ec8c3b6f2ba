import type { Ensured } from "../client/ensure-options.js";
import { passiveConnector } from "../client/follow/connector.js";
import { ReconnectingLink, type ConnectionEvents } from "../client/follow/reconnecting-link.js";
import type { DaemonSpec } from "../client/spec/daemon-spec.js";
import { progressText, type Progress } from "../client/progress.js";
import type { BridgeView } from "../state/catalogue.js";
import { errorFrame, notificationFrame, resultFrame, resultTextFrame } from "../mcp/answer-frames.js";
import { isListMethod, LISTS, listChanged } from "../mcp/lists.js";
import { firstPageOf } from "../mcp/params.js";
import { nestedSpan, textAt } from "../mcp/span.js";
import { afterAwake } from "../wire/awake.js";
import type { Envelope, NotificationEnvelope, RequestEnvelope, ResponseEnvelope } from "../wire/envelope.js";
import type { FrameStream } from "../wire/frame-stream.js";
import type { ClientIdentity } from "../wire/handshake.js";
import { errorOf } from "../wire/rpc-error.js";
import { notDelivered, readAnswer, unknownOutcome } from "./answers.js";
import { DaemonFrames } from "./daemon-frames.js";
import { HostLists } from "./host-lists.js";
import { HostProgress } from "./host-progress.js";
import { HostRequests, type HostRequest } from "./host-requests.js";
import { OwnRequests } from "./own-requests.js";
import { ServerRequests } from "./server-requests.js";
import { StandingRequests } from "./standing-requests.js";

export interface DaemonSideOptions {
  /** The host, as the daemon gets to know it. */
  client: ClientIdentity;
  host: FrameStream;
  report: (line: string) => void;
  /** What is known of the servers without a daemon, if that is so. */
  known: () => BridgeView | undefined;
}

/**
 * The daemons of one host, one after the other. What was not delivered to one waits for the next; what was delivered and
 * not answered is answered with "outcome unknown", and never sent again.
 */
export class DaemonSide {
  readonly #options: DaemonSideOptions;
  readonly #host: FrameStream;
  readonly #link: ReconnectingLink;
  readonly #requests = new HostRequests();
  readonly #serverRequests = new ServerRequests();
  readonly #standing = new StandingRequests();
  readonly #own = new OwnRequests();
  readonly #progress: HostProgress;
  readonly #lists: HostLists;
  /** The connection that takes requests; undefined between two daemons. */
  #daemon: DaemonFrames | undefined;
  #waking: Promise<void> | undefined;
  #lastReported = "";
  readonly #closing = new AbortController();

  constructor(spec: DaemonSpec, options: DaemonSideOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#progress = new HostProgress((frame) => this.#toHost(frame));
    this.#lists = new HostLists((frame) => this.#toHost(frame));
    const report = (progress: Progress): void => options.report(progressText(progress, spec.name));
    this.#link = new ReconnectingLink(passiveConnector(spec, options.client, { mayStart: true, report }), undefined, {
      attach: (connection, events) => this.#attach(connection, events),
      onState: (state) => {
        if (state.state === "refused") this.#reportOnce(state.error.message);
      },
    });
  }

  /** The connection to a daemon; starts one where none runs. Rejects with the reason of `signal`. */
  async connected(signal: AbortSignal): Promise<Ensured> {
    return this.#link.connected(signal);
  }

  /** A request of the host. It is answered in any case. */
  request(request: RequestEnvelope): void {
    const open = this.#requests.add(request);
    if (open === undefined) {
      const idText = textAt(request.raw, request.idSpan);
      return this.#toHost(errorFrame(idText, { code: -32600, message: `The id ${idText} is in use.` }));
    }
    this.#standing.note(request);
    if (this.#answerFromMemory(open)) return;
    this.#boundList(open);
    if (this.#daemon?.takesRequests === true && this.#waking === undefined) this.#send(this.#daemon, open);
    else this.#wait(open);
  }

  /** Answers a list while no daemon is there with what it is known to be. True if it has answered. */
  #answerFromMemory(open: HostRequest): boolean {
    const list = this.#daemon === undefined ? firstPageOf(open.request) : undefined;
    const known = list && this.#options.known()?.lists[list];
    if (list === undefined || known === undefined) return false;
    this.#lists.giveText(list, known);
    this.#answer(open, resultTextFrame(open.idText, known));
    return true;
  }

  /** A notification or an answer of the host. */
  take(envelope: Exclude<Envelope, RequestEnvelope>): void {
    if (envelope.kind === "response") {
      const answer = this.#serverRequests.toDaemon(envelope);
      answer?.daemon.send(answer.frame);
    } else if (envelope.method === "notifications/cancelled") this.#cancel(envelope);
    else this.#daemon?.send(envelope.raw);
  }

  close(): void {
    this.#closing.abort(new Error("the host has closed the bridge"));
    this.#link.close();
  }

  #attach(connection: Ensured, events: ConnectionEvents): void {
    const daemon: DaemonFrames = new DaemonFrames(connection, events, {
      onMessage: (envelope) => this.#onMessage(daemon, envelope),
      onClose: () => this.#onClosed(daemon),
    });
    this.#daemon = daemon;
    daemon.send(notificationFrame("notifications/initialized"));
    for (const { method, params } of this.#standing.all()) void this.#own.send(daemon, method, params);
    this.#flush();
    this.#lists.recheck((method) => this.#own.send(daemon, method, "{}"));
  }

  /** Sends what waits, in the order in which it came. */
  #flush(): void {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    for (const open of this.#requests.waiting()) if (daemon.takesRequests) this.#send(daemon, open);
  }

  #send(daemon: DaemonFrames, open: HostRequest): void {
    open.waiting?.stop();
    open.waiting = undefined;
    const frame = daemon.send(open.request.raw);
    // The link ends the connection of a daemon that sends nothing at all while a request is open.
    void this.#link.whileHeard(daemon.connection, () => {
      return new Promise<void>((onOver) => (open.sent = { daemon, frame, onOver }));
    });
    if (daemon.isFull) this.#holdHost(daemon);
  }

  #holdHost(daemon: DaemonFrames): void {
    this.#host.pause();
    daemon.onDrain(() => this.#host.resume());
  }

  #wait(open: HostRequest): void {
    open.sent?.onOver();
    open.sent = undefined;
    open.waiting ??= afterAwake(WAIT_MS, () => this.#giveUp(open, "no daemon could be reached within 50 s."));
    this.#wake();
  }

  /** Connects, and starts a daemon if need be, as long as requests wait. */
  #wake(): void {
    this.#waking ??= this.#connectForWaiting().finally(() => {
      this.#waking = undefined;
      this.#flush();
      if (this.#requests.waiting().length > 0 && !this.#closing.signal.aborted) this.#wake();
    });
  }

  async #connectForWaiting(): Promise<void> {
    try {
      await this.#link.connected(this.#closing.signal);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      const { message } = errorOf(error);
      this.#reportOnce(message);
      const now = performance.now();
      for (const open of this.#requests.waiting())
        if (now - open.since >= PATIENCE_MS) this.#giveUp(open, `${message}.`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #giveUp(open: HostRequest, why: string): void {
    this.#answer(open, notDelivered(open, why));
  }

  #onMessage(daemon: DaemonFrames, envelope: Envelope): void {
    switch (envelope.kind) {
      case "response":
        return this.#onAnswer(daemon, envelope);
      case "request":
        if (envelope.method === "ping") {
          return void daemon.send(resultFrame(textAt(envelope.raw, envelope.idSpan), {}));
        }
        return this.#toHost(this.#serverRequests.toHost(daemon, envelope), daemon);
      case "notification":
        return this.#onNotification(daemon, envelope);
    }
  }

  #onAnswer(daemon: DaemonFrames, answer: ResponseEnvelope): void {
    if (answer.id === null) return;
    const idText = textAt(answer.raw, answer.idSpan);
    if (this.#own.take(idText, answer)) return;
    const open = this.#requests.get(idText);
    // The host has cancelled it.
    if (open?.sent?.daemon !== daemon) return;
    const list = open.isAnswered ? undefined : firstPageOf(open.request);
    if (list !== undefined) this.#lists.give(list, answer);
    const read = readAnswer(open, answer);
    if (read.kind === "not-delivered") this.#again(daemon, open, read.error.message);
    else this.#answer(open, read.kind === "replaced" ? read.frame : answer.raw, daemon);
  }

  /** Keeps a request that was not delivered for the next daemon. A daemon that refuses it twice would do so again. */
  #again(daemon: DaemonFrames, open: HostRequest, why: string): void {
    const { pid, startedAt } = daemon.connection.identity;
    const refusedBy = `${pid ?? ""} ${startedAt ?? ""}`;
    if (open.refusedBy === refusedBy) return this.#giveUp(open, why);
    open.refusedBy = refusedBy;
    daemon.end();
    if (this.#daemon === daemon) this.#daemon = undefined;
    this.#link.giveUp(daemon.connection);
    this.#wait(open);
  }

  #onNotification(daemon: DaemonFrames, notification: NotificationEnvelope): void {
    const { method, raw, progress } = notification;
    if (method === "notifications/progress") {
      // Hosts may take a token that they do not know for a broken server.
      const open = progress && this.#requests.withToken(progress.token);
      if (open?.sent?.daemon === daemon && !open.isAnswered) this.#progress.pass(open, raw);
    } else if (method === "notifications/cancelled") {
      const frame = this.#serverRequests.cancelled(daemon, notification);
      if (frame !== undefined) this.#toHost(frame, daemon);
    } else {
      const list = this.#lists.isAnnouncement(method);
      if (list === undefined) this.#toHost(raw, daemon);
      else void this.#lists.onChanged(list, (of) => this.#own.send(daemon, of, "{}"));
    }
  }

  #onClosed(daemon: DaemonFrames): void {
    if (this.#daemon === daemon) this.#daemon = undefined;
    this.#own.abandon(daemon);
    for (const id of this.#serverRequests.abandon(daemon)) {
      const params = `{"requestId":${id},"reason":"the daemon that asked is gone"}`;
      this.#toHost(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`);
    }
    for (const open of this.#requests.sentOn(daemon)) {
      const mayHaveRun = daemon.mayHaveArrived(open.sent!.frame) && !isListMethod(open.request.method);
      if (mayHaveRun && !isStanding(open))
        this.#answer(open, unknownOutcome(open, "the daemon ended before it answered."));
      else this.#wait(open);
    }
  }

  #cancel(notification: NotificationEnvelope): void {
    const { raw, params } = notification;
    const span = nestedSpan(raw, params, ["requestId"]);
    const open = span && this.#requests.get(textAt(raw, span));
    // Some hosts cancel every request that they have an answer to.
    if (open === undefined) return;
    const { sent } = open;
    this.#requests.settle(open);
    sent?.daemon.send(raw);
  }

  /** Hosts that wait longer for a list count the server as failed, and some never ask for it again. */
  #boundList(open: HostRequest): void {
    const { method } = open.request;
    if (!isListMethod(method)) return;
    const bound = afterAwake(LIST_WITHIN_MS, () => {
      open.isAnswered = true;
      this.#toHost(resultFrame(open.idText, { [LISTS[method].key]: [] }));
    });
    open.onSettled.push(() => bound.stop());
  }

  #answer(open: HostRequest, frame: Buffer | string, from?: DaemonFrames): void {
    this.#progress.finish(open);
    this.#requests.settle(open);
    if (!open.isAnswered) return this.#toHost(frame, from);
    const { method } = open.request;
    // The list is known only now. The host got an empty one in time.
    if (isListMethod(method)) this.#toHost(notificationFrame(listChanged(LISTS[method].capability)));
  }

  /** Sends a frame to the host. While that does not read, nothing more is read from the daemon. */
  #toHost(frame: Buffer | string, from?: DaemonFrames): void {
    if (this.#host.send(frame) || from === undefined || this.#host.closed) return;
    from.pause();
    this.#host.onDrain(() => from.resume());
  }

  #reportOnce(line: string): void {
    if (line !== this.#lastReported) this.#options.report(line);
    this.#lastReported = line;
  }
}

/** Requests that set what the next daemon is asked for anyway. */
function isStanding({ request: { method } }: HostRequest): boolean {
  return method === "logging/setLevel" || method === "resources/subscribe" || method === "resources/unsubscribe";
}

/** Every host waits 60 s for an answer, and then gives the request up by itself. */
const WAIT_MS = 50_000;
/** Three hosts give a server up that has not listed its tools within 30 s. */
const LIST_WITHIN_MS = 25_000;
/** A request that has waited this long gets the reason why no daemon can be reached, ms. */
const PATIENCE_MS = 5_000;
/** Between two attempts to reach a daemon, ms. */
const RETRY_MS = 500;
