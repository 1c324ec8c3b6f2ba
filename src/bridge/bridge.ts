import type { Readable, Writable } from "node:stream";

import type { Ensured } from "../client/ensure-options.js";
import type { DaemonSpec } from "../client/spec/daemon-spec.js";
import { errorFrame, resultFrame } from "../mcp/answer-frames.js";
import { methodNotFound } from "../mcp/refusals.js";
import { textAt } from "../mcp/span.js";
import { readBridgeView, type BridgeView } from "../state/catalogue.js";
import { deadline } from "../wire/deadline.js";
import { paramsOf, readEnvelope, type Envelope, type RequestEnvelope } from "../wire/envelope.js";
import { FrameStream } from "../wire/frame-stream.js";
import { FrameError } from "../wire/frames.js";
import { parseInitializeParams, type InitializeParams } from "../wire/handshake.js";
import { errorMember } from "../wire/rpc-error.js";
import { DaemonSide } from "./daemon-side.js";
import { introductionTo } from "./introduction.js";
import { whenStarterIsGone } from "./starter.js";

export interface BridgeOptions {
  /** The hosted server that the host is given; undefined: all of them, with tools named `server__tool`. */
  server?: string;
  /** The host's requests: the bridge's stdin. */
  input: Readable;
  /** The answers: the bridge's stdout, to which nothing else may be written. */
  output: Writable;
  /** Gets one line for people at a time; hosts show stderr in their logs. */
  report: (line: string) => void;
}

/**
 * An MCP server on two pipes that passes everything on to a daemon, across all daemons that come and go: an MCP host, such
 * as an editor, that starts it stays connected while the daemon is restarted, stopped or killed. It starts a daemon where
 * none runs, and never replaces one. Resolves when the host has closed its end, or has ended; it never ends before.
 */
export function runBridge(spec: DaemonSpec, options: BridgeOptions): Promise<void> {
  return new Promise((resolve) => {
    const bridge = new Bridge(spec, options);
    const end = (): void => {
      stopWatch();
      bridge.close();
      resolve();
    };
    // Some hosts give their servers 10 ms to end, and a host that is gone reads nothing more.
    options.input.once("end", end).once("close", end);
    options.output.once("error", end).once("close", end);
    const stopWatch = whenStarterIsGone(end);
  });
}

/** The host's side: what is answered here, and what goes to the daemon. */
class Bridge {
  readonly #spec: DaemonSpec;
  readonly #options: BridgeOptions;
  readonly #host: FrameStream;
  #phase: "new" | "initializing" | "open" = "new";
  /** From `initialize` on: the daemon gets to know the host by it. */
  #daemon: DaemonSide | undefined;

  constructor(spec: DaemonSpec, options: BridgeOptions) {
    this.#spec = spec;
    this.#options = options;
    this.#host = new FrameStream(options.input, options.output, {
      label: "host",
      onFrame: (raw) => this.#onFrame(raw),
      onClose: () => undefined,
    });
  }

  close(): void {
    this.#host.close();
    this.#daemon?.close();
  }

  #onFrame(raw: Buffer): void {
    let envelope: Envelope;
    try {
      envelope = readEnvelope(raw);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // Hosts answer what they take for no message with an error that has no id. Nothing of that ends the connection.
      this.#options.report(`the host sent what is no message: ${error.message}`);
      return;
    }
    if (envelope.kind === "request") return this.#onRequest(envelope);
    if (envelope.kind === "notification" && envelope.method === "notifications/initialized") return;
    this.#daemon?.take(envelope);
  }

  #onRequest(request: RequestEnvelope): void {
    const idText = textAt(request.raw, request.idSpan);
    const { method } = request;
    if (method === "ping") return this.#send(resultFrame(idText, {}));
    // Hosts that try the newer protocol first wait for an answer, and take this one for "not spoken here".
    if (method === "server/discover" || method.startsWith("lockstep/")) {
      return this.#send(errorFrame(idText, methodNotFound(`Method not found: ${method}`)));
    }
    if (method === "initialize") return void this.#initialize(request, idText);
    if (this.#daemon !== undefined) return this.#daemon.request(request);
    this.#send(errorFrame(idText, { code: -32600, message: `initialize comes first: ${method} was refused` }));
  }

  async #initialize(request: RequestEnvelope, idText: string): Promise<void> {
    if (this.#phase !== "new") {
      const message = "initialize was sent twice on one connection";
      return this.#send(errorFrame(idText, { code: -32600, message }));
    }
    try {
      const introduction = parseInitializeParams(paramsOf(request));
      this.#phase = "initializing";
      const { version, root } = this.#spec.installed();
      this.#daemon = this.#openDaemonSide(introduction, root);
      const known = this.#known();
      const reached = this.#firstConnection(this.#daemon);
      const daemon = known === undefined ? await reached : undefined;
      this.#phase = "open";
      this.#send(resultFrame(idText, introductionTo(introduction, { daemon, known, version })));
    } catch (error) {
      this.#send(`{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(errorMember(error))}}`);
    }
  }

  /** `installRoot`: this program's installation. */
  #openDaemonSide(host: InitializeParams, installRoot: string): DaemonSide {
    const { report, server } = this.#options;
    const hello = {
      role: "bridge",
      pid: process.pid,
      installRoot,
      ...(server !== undefined && { server }),
    } as const;
    const { protocolVersion, clientInfo, capabilities } = host;
    return new DaemonSide(this.#spec, {
      client: { protocolVersion, clientInfo, capabilities, hello },
      host: this.#host,
      report,
      known: () => this.#known(),
    });
  }

  #known(): BridgeView | undefined {
    const { dir, servers } = this.#spec.paths;
    return readBridgeView(dir, servers, this.#options.server);
  }

  /** The first daemon, if it can be reached before the host begins without the bridge's tools. */
  async #firstConnection(daemon: DaemonSide): Promise<Ensured | undefined> {
    using bound = deadline("the daemon", INITIALIZE_WITHIN_MS);
    try {
      return await daemon.connected(bound.signal);
    } catch {
      // Reported by the daemon's side, which goes on trying.
      return undefined;
    }
  }

  #send(frame: string): void {
    this.#host.send(frame);
  }
}

/** Hosts begin their first turn, without the tools of servers that are not ready, 1 to 2 s after they started them. */
const INITIALIZE_WITHIN_MS = 2_000;
