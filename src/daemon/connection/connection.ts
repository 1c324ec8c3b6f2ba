import { durationText } from "../../text/duration.js";
import type { Socket } from "node:net";

import { ERROR, NOTIFICATION, type ClientHello, type Draining, type Ended } from "../../wire/control.js";
import { paramsOf, readEnvelope, type Envelope, type RequestEnvelope } from "../../wire/envelope.js";
import { FrameStream } from "../../wire/frame-stream.js";
import { socketDescriptor } from "../../wire/socket-descriptor.js";
import {
  clientName,
  LATEST_PROTOCOL_VERSION,
  negotiate,
  parseInitializeParams,
  type InitializeParams,
} from "../../wire/handshake.js";
import { logLevelOf } from "../../mcp/params.js";
import { textAt } from "../../mcp/span.js";
import type { ClientIntroduction, HostedServers, Session } from "../../servers/hosted-servers.js";
import type { ControlRequests } from "../control.js";
import { HEARTBEAT_MS } from "../heartbeat.js";
import { EarlyMessages } from "./early-messages.js";
import { Farewell } from "./farewell.js";
import { fittingFrame } from "./fitting-frame.js";
import { FrameWatch, STALLED_BEATS } from "./frame-watch.js";
import { initializeResult } from "./initialize-result.js";
import type { Introduction } from "../introduction.js";
import { LastAnswers } from "./last-answers.js";
import { MAX_UNREAD_BYTES, OwnMessages } from "./own-messages.js";
import { readLine, type Refused } from "./read-line.js";

/** What a connection needs of the daemon around it. */
export interface DaemonSide {
  version: string;
  introduction: Introduction;
  servers: HostedServers;
  control: ControlRequests;
  /** True from the first moment of a shutdown. */
  isDraining(): boolean;
  onOpened(): void;
  onClosed(connection: Connection, error: Error | undefined): void;
}

/**
 * One client's connection. It answers the handshake and the control methods, and passes everything else to the session
 * of the client's hosted server.
 */
export class Connection {
  readonly #daemon: DaemonSide;
  readonly #stream: FrameStream;
  readonly #messages: OwnMessages;
  readonly #farewell: Farewell;
  readonly #frameWatch: FrameWatch;
  readonly #early = new EarlyMessages();
  /** Set once the client has sent everything, and waits for answers only. */
  #lastAnswers: LastAnswers | undefined;
  #session: Session | undefined;
  /** What the client said in `initialize`, as its hosted server gets to know it. */
  #introduction: ClientIntroduction = NO_INTRODUCTION;
  #phase: "new" | "initializing" | "open" = "new";
  #client: ClientHello | undefined;
  #framesReceived = 0;
  /** For the log. */
  name = "a client that has not introduced itself";
  /** True if the client asked for the log notification that PreviewsMCP's clients take for a heartbeat. */
  receivesDebugLog = false;

  constructor(socket: Socket, daemon: DaemonSide) {
    this.#daemon = daemon;
    this.#stream = new FrameStream(socket, socket, {
      label: "client",
      bounds: { linesPerTurn: LINES_PER_TURN, unreadBytes: MAX_UNREAD_BYTES },
      onFrame: (raw) => {
        this.#framesReceived++;
        // Before the handshake it may be another program, which is told what is wrong and hung up on.
        if (this.#phase === "new") this.#onEnvelope(readEnvelope(raw));
        else for (const received of readLine(raw, this.#hasBatches)) this.#onReceived(received);
      },
      onHalfClosed: () => this.#onHalfClosed(socketDescriptor(socket)),
      onClose: (error) => {
        this.#lastAnswers?.stop();
        this.#session?.close();
        this.#farewell.giveUp();
        daemon.onClosed(this, error);
      },
    });
    this.#messages = new OwnMessages(this.#stream, () => this.#lastAnswers?.onAnswered());
    this.#farewell = new Farewell(this.#messages);
    this.#frameWatch = new FrameWatch(this.#stream);
  }

  /** True once the handshake is done. */
  get isOpen(): boolean {
    return this.#phase === "open";
  }

  get receivesHeartbeat(): boolean {
    return this.isOpen && this.#client?.heartbeat === true;
  }

  /** True while one of Lockstep's own clients waits for its server's start, and must not take the daemon for stalled. */
  get waitsForServer(): boolean {
    return this.#phase === "initializing" && this.#client !== undefined;
  }

  notify(method: string, params: object): void {
    this.#messages.notify(method, params);
  }

  /**
   * Announces the daemon's end; resolves when the client has heard it. A command is not waited for: it makes one call,
   * and its short path does not answer pings.
   */
  farewell(draining: Draining): Promise<void> {
    const answersPings = this.isOpen && this.#client?.role !== "cli" && this.#lastAnswers === undefined;
    return this.#farewell.say(draining, answersPings);
  }

  /**
   * Ends the connection. Without an error the client learns how much of what it sent was received: what is still on its
   * way is never read, and can safely be sent to the next daemon.
   */
  close(error?: Error): void {
    const ended: Ended = { received: this.#framesReceived };
    if (!error && this.isOpen) this.#messages.notifyAnyway(NOTIFICATION.ended, ended);
    this.#stream.close(error);
  }

  /** To be called with every heartbeat: ends the connection if a frame has stalled. */
  checkPartialFrame(): void {
    if (!this.#frameWatch.isStalled()) return;
    const waited = durationText(STALLED_BEATS * HEARTBEAT_MS);
    const message = `a message was still incomplete, and nothing more of it came in ${waited}`;
    this.#messages.error("null", { code: -32700, message });
    this.close();
  }

  get #hasBatches(): boolean {
    return this.#introduction.protocolVersion === VERSION_WITH_BATCHES;
  }

  get #owesAnswers(): boolean {
    return (
      this.#messages.owesAnswers ||
      !this.#early.isEmpty ||
      this.#session?.owesAnswers === true ||
      this.#stream.bufferedBytes > 0
    );
  }

  /** True while the client, which sends nothing more, waits for answers. */
  #onHalfClosed(descriptor: number | undefined): boolean {
    this.#lastAnswers = LastAnswers.of({
      descriptor,
      isOwed: () => this.#owesAnswers,
      onOver: () => this.#stream.close(),
    });
    if (this.#lastAnswers !== undefined) this.#session?.endInput();
    return this.#lastAnswers !== undefined;
  }

  #onReceived(received: Envelope | Refused): void {
    if (received.kind === "refused") {
      this.#messages.error(received.idText, { code: received.code, message: received.why });
    } else if (this.#phase === "initializing") this.#onEarly(received);
    else this.#onEnvelope(received);
  }

  /** The answer to `initialize` may have to wait for a hosted server's start. */
  #onEarly(envelope: Envelope): void {
    const isAnsweredNow = envelope.kind === "request" && ["ping", "initialize"].includes(envelope.method);
    if (isAnsweredNow || !this.#early.keep(envelope)) this.#onEnvelope(envelope);
  }

  #onEnvelope(envelope: Envelope): void {
    switch (envelope.kind) {
      case "request":
        return this.#onRequest(envelope);
      case "notification":
        return this.#onNotification(envelope);
      case "response":
        if (!this.#farewell.takeResponse(envelope.id)) this.#session?.handle(envelope);
    }
  }

  #onRequest(request: RequestEnvelope): void {
    const { method } = request;
    const idText = textAt(request.raw, request.idSpan);
    if (method === "ping") return this.#messages.result(idText, {});
    if (method === "initialize") return this.#onInitialize(request, idText);
    if (!this.isOpen) return this.#refuse(idText, `initialize comes first: ${method} was refused`);
    const { control } = this.#daemon;
    // The names of others' methods may be those of Object's own, such as "constructor".
    const own = Object.hasOwn(control, method) ? control[method] : undefined;
    if (own) {
      void this.#messages.answer(idText, () => own(paramsOf(request)));
      return;
    }
    if (this.#daemon.isDraining()) return this.#refuseDraining(idText, "send it to the next one");
    // PreviewsMCP's clients take a log message for a heartbeat. Clients of one server get that server's messages only.
    const isOneServers = this.#client?.server !== undefined && this.#client.heartbeat !== true;
    if (method === "logging/setLevel") this.receivesDebugLog = logLevelOf(request) === "debug" && !isOneServers;
    this.#toSession(request);
  }

  #onNotification(notification: Extract<Envelope, { kind: "notification" }>): void {
    if (!this.isOpen || notification.method === "notifications/initialized") return;
    if (notification.method === NOTIFICATION.noticed) {
      const { installRoot } = (paramsOf(notification) ?? {}) as { installRoot?: unknown };
      if (typeof installRoot === "string") this.#daemon.introduction.rememberNotice(installRoot);
      return;
    }
    this.#session?.handle(notification);
  }

  #onInitialize(request: RequestEnvelope, idText: string): void {
    if (this.#phase !== "new") return this.#refuse(idText, "initialize was sent twice on one connection");
    if (this.#daemon.isDraining()) return this.#refuseDraining(idText, "connect to the next one");
    this.#phase = "initializing";
    void this.#messages
      .answer(idText, () => this.#initialize(parseInitializeParams(paramsOf(request))))
      .then(() => {
        if (!this.isOpen) this.#phase = "new";
        for (const envelope of this.#early.take()) if (!this.#stream.closed) this.#onEnvelope(envelope);
      });
  }

  async #initialize(params: InitializeParams): Promise<object> {
    const { hello, clientInfo } = params;
    this.#client = hello;
    const protocolVersion = negotiate(params.protocolVersion);
    this.#introduction = { protocolVersion, clientInfo, capabilities: params.capabilities };
    this.name = hello ? clientName(hello) : `${clientInfo.name} ${clientInfo.version}`;
    const result = await initializeResult(params, this.#daemon, () => this.#openSession());
    this.#phase = "open";
    this.#daemon.onOpened();
    return result;
  }

  #refuse(idText: string, message: string): void {
    this.#messages.error(idText, { code: -32600, message });
  }

  #refuseDraining(idText: string, advice: string): void {
    const message = `the daemon is shutting down; ${advice}`;
    this.#messages.error(idText, { code: ERROR.draining, message, data: { delivered: false } });
  }

  #openSession(): Session {
    this.#session ??= this.#daemon.servers.openSession(this.#client?.server, {
      send: (frame) => {
        this.#lastAnswers?.onAnswered();
        const fitting = fittingFrame(frame);
        return fitting === undefined || this.#stream.send(fitting);
      },
      bufferedBytes: () => this.#stream.bufferedBytes,
      onDrain: (callback) => this.#stream.onDrain(callback),
      pause: () => this.#stream.pause(),
      resume: () => this.#stream.resume(),
      ...this.#introduction,
      kill: (error) => this.close(error),
      takesKnownLists: this.#client?.role === "bridge",
    });
    if (this.#lastAnswers !== undefined) this.#session.endInput();
    return this.#session;
  }

  #toSession(request: RequestEnvelope): void {
    let session: Session;
    try {
      session = this.#openSession();
    } catch (error) {
      return this.#messages.failure(textAt(request.raw, request.idSpan), error);
    }
    session.handle(request);
  }
}

/** A client may send more at once; the rest has to wait until every other client has had its turn. */
const LINES_PER_TURN = 16;

/** The only version of MCP that had batches. */
const VERSION_WITH_BATCHES = "2025-03-26";

const NO_INTRODUCTION: ClientIntroduction = {
  protocolVersion: LATEST_PROTOCOL_VERSION,
  clientInfo: {},
  capabilities: {},
};
