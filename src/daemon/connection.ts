import type { Socket } from "node:net";

import {
  ERROR,
  EXPERIMENTAL_KEY,
  NOTIFICATION,
  type ClientHello,
  type DaemonHello,
  type Draining,
} from "../wire/control.js";
import { paramsOf, readEnvelope, type Envelope, type RequestEnvelope } from "../wire/envelope.js";
import { FrameStream } from "../wire/frame-stream.js";
import { clientName, negotiate, parseInitializeParams } from "../wire/handshake.js";
import { RpcError } from "../wire/rpc-error.js";
import { logLevelOf } from "../mcp/params.js";
import type { HostedServers, Session } from "../servers/hosted-servers.js";
import { offerToClient, passesLogLevel } from "../servers/offer.js";
import type { ControlRequests } from "./control.js";
import { durationText } from "../text/duration.js";

/** What a connection needs of the daemon around it. */
export interface DaemonSide {
  hello(client: ClientHello | undefined): DaemonHello;
  version: string;
  servers: HostedServers;
  control: ControlRequests;
  /** True from the first moment of a shutdown. */
  isDraining(): boolean;
  onNoticed(installRoot: string): void;
  onOpened(connection: Connection): void;
  onClosed(connection: Connection, error: Error | undefined): void;
}

/** One client's connection: the handshake, control methods and log level here, all else to its session's server. */
export class Connection {
  readonly #stream: FrameStream;
  readonly #daemon: DaemonSide;
  #session: Session | undefined;
  #capabilities: Record<string, unknown> = {};
  #phase: "new" | "initializing" | "open" = "new";
  #partialSince: number | undefined;
  #onFarewell: () => void = () => undefined;
  client: ClientHello | undefined;
  name = "a client that has not said its name";
  /** Wants the log notification that PreviewsMCP's clients take for a heartbeat. */
  wantsDebugLog = false;

  constructor(socket: Socket, daemon: DaemonSide) {
    this.#daemon = daemon;
    this.#stream = new FrameStream(socket, socket, {
      label: "client",
      onFrame: (raw) => this.#onFrame(readEnvelope(raw)),
      onClose: (error) => {
        this.#session?.close();
        this.#onFarewell();
        daemon.onClosed(this, error);
      },
    });
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  get wantsHeartbeat(): boolean {
    return this.isOpen && this.client?.heartbeat === true;
  }

  notify(method: string, params: object): void {
    // A client that does not read gets no more of what it can do without.
    if (this.#stream.bufferedBytes > MAX_UNREAD_BYTES) return;
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  /**
   * Tells the client that the daemon ends. Resolves when it has heard that, which its answer to a ping shows: all that
   * it sent before has been read then, and refused if it came too late. A command is not waited for: it has one call,
   * and its short way answers no ping. Nor is a client that does not read.
   */
  async farewell(news: Draining): Promise<void> {
    this.notify(NOTIFICATION.draining, news);
    const reads = this.#stream.bufferedBytes <= MAX_UNREAD_BYTES;
    if (!this.isOpen || !reads || this.client?.role === "cli") return;
    const heard = new Promise<void>((resolve) => (this.#onFarewell = resolve));
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", id: FAREWELL_ID, method: "ping" }));
    await heard;
  }

  close(error?: Error): void {
    this.#stream.close(error);
  }

  /** Called with every heartbeat: ends a connection that has stood in the middle of a frame for too long. */
  checkPartialFrame(now: number): void {
    if (this.#stream.pendingBytes === 0) this.#partialSince = undefined;
    else if (this.#partialSince === undefined) this.#partialSince = now;
    else if (now - this.#partialSince > PARTIAL_FRAME_MS) {
      this.#answerError(null, -32700, `half a message and then nothing for ${durationText(PARTIAL_FRAME_MS)}`);
      this.close();
    }
  }

  #onFrame(envelope: Envelope): void {
    switch (envelope.kind) {
      case "request":
        return this.#onRequest(envelope);
      case "notification":
        return this.#onNotification(envelope);
      case "response":
        if (envelope.id === FAREWELL_ID) this.#onFarewell();
        else this.#session?.handle(envelope);
    }
  }

  #onRequest(request: RequestEnvelope): void {
    const { id, method } = request;
    if (method === "ping") return this.#answer(id, {});
    if (method === "initialize") {
      void this.#initialize(request);
      return;
    }
    if (this.#phase !== "open") {
      return this.#answerError(id, -32600, `initialize comes first: ${method} was refused`);
    }
    const control = this.#daemon.control[method];
    if (control) {
      void this.#answerWith(id, () => control(paramsOf(request)));
      return;
    }
    if (this.#daemon.isDraining()) {
      return this.#answerError(id, ERROR.draining, "the daemon is shutting down; send it to the next one", {
        delivered: false,
      });
    }
    if (method === "logging/setLevel") {
      this.wantsDebugLog = logLevelOf(request) === "debug";
      if (!passesLogLevel(this.client)) return this.#answer(id, {});
    }
    this.#toSession(id, request);
  }

  #onNotification(envelope: Extract<Envelope, { kind: "notification" }>): void {
    if (this.#phase !== "open" || envelope.method === "notifications/initialized") return;
    if (envelope.method === NOTIFICATION.noticed) {
      const { installRoot } = (paramsOf(envelope) ?? {}) as { installRoot?: unknown };
      if (typeof installRoot === "string") this.#daemon.onNoticed(installRoot);
      return;
    }
    this.#session?.handle(envelope);
  }

  async #initialize({ id, raw, ...rest }: RequestEnvelope): Promise<void> {
    if (this.#phase !== "new") return this.#answerError(id, -32600, "initialize was sent twice on one connection");
    if (this.#daemon.isDraining()) {
      return this.#answerError(id, ERROR.draining, "the daemon is shutting down; connect to the next one", {
        delivered: false,
      });
    }
    this.#phase = "initializing";
    await this.#answerWith(id, async () => {
      const params = parseInitializeParams(paramsOf({ id, raw, ...rest }));
      this.client = params.hello;
      this.#capabilities = params.capabilities;
      this.name = nameOf(params.clientInfo, params.hello);
      const offered = await offerToClient(params.hello, () => this.#openSession());
      this.#phase = "open";
      this.#daemon.onOpened(this);
      return {
        protocolVersion: negotiate(params.protocolVersion),
        // Always the daemon's own: who saw the hosted server's version here could never notice that the daemon is stale.
        serverInfo: { name: "lockstep", version: this.#daemon.version },
        capabilities: {
          ...offered.capabilities,
          experimental: { [EXPERIMENTAL_KEY]: this.#daemon.hello(params.hello) },
        },
        ...(offered.instructions !== undefined && { instructions: offered.instructions }),
      };
    });
    if (!this.isOpen) this.#phase = "new";
  }

  #openSession(): Session {
    this.#session ??= this.#daemon.servers.openSession(this.client?.server, {
      send: (frame) => this.#stream.send(frame),
      bufferedBytes: () => this.#stream.bufferedBytes,
      onDrain: (callback) => this.#stream.onDrain(callback),
      pause: () => this.#stream.pause(),
      resume: () => this.#stream.resume(),
      capabilities: this.#capabilities,
      kill: (error) => this.close(error),
    });
    return this.#session;
  }

  #toSession(id: string | number, request: RequestEnvelope): void {
    let session: Session;
    try {
      session = this.#openSession();
    } catch (error) {
      return this.#answerFailure(id, error);
    }
    session.handle(request);
  }

  async #answerWith(id: string | number, result: () => unknown): Promise<void> {
    try {
      this.#answer(id, (await result()) ?? {});
    } catch (error) {
      this.#answerFailure(id, error);
    }
  }

  #answer(id: string | number, result: unknown): void {
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }

  #answerFailure(id: string | number, error: unknown): void {
    if (error instanceof RpcError) this.#answerError(id, error.code, error.message, error.data);
    else this.#answerError(id, -32603, error instanceof Error ? error.message : String(error));
  }

  #answerError(id: string | number | null, code: number, message: string, data?: unknown): void {
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, data } }));
  }
}

/** No hosted server's request can have it: those are numbered. */
const FAREWELL_ID = "lockstep/farewell";
const MAX_UNREAD_BYTES = 1024 * 1024;
const PARTIAL_FRAME_MS = 30_000;

function nameOf(info: { name: string; version: string }, hello: ClientHello | undefined): string {
  return hello ? clientName(hello) : `${info.name} ${info.version}`;
}
