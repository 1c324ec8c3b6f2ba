import type { Breadcrumb } from "../../log/breadcrumbs.js";
import type { LogLevel } from "../../log/line.js";
import type { ServerState } from "../../wire/control.js";
import { readEnvelope, type Envelope, type RequestEnvelope } from "../../wire/envelope.js";
import { FrameError } from "../../wire/frames.js";
import type { Era } from "../../mcp/era.js";
import { textAt } from "../../mcp/span.js";
import { errorFrame } from "../../mcp/answer-frames.js";
import { GRACE_MS, type Channel, type ChannelEnd, type OpenChannel, type SentFrame } from "../channel/channel.js";
import { CrashRecord } from "./crash-record.js";
import { INITIALIZE_ID, initializeFrame, INITIALIZED_FRAME, readServerHello, type ServerHello } from "./hello.js";
import type { Backoff, Demand, ServerPhase, Starting, Stopping } from "./phase.js";
import { durationText } from "../../text/duration.js";

/** The daemon's log, and its breadcrumbs. */
export interface ServerLog {
  log: (level: LogLevel, component: string, text: string) => void;
  breadcrumb: (breadcrumb: Breadcrumb) => void;
}

export interface HostedServerOptions extends ServerLog {
  name: string;
  open: OpenChannel;
  /** The protocol that its process speaks. */
  era: Era;
  /** What the server may ask of its clients; read at each start. */
  clientCapabilities: () => Record<string, unknown>;
  /** Our own version, for `clientInfo`. */
  version: string;
  redact: (text: string) => string;
  /** Start again after a crash without being asked. */
  keepUp: boolean;
  /** The end of a predecessor that must not run beside this one. */
  after: Promise<void> | undefined;
}

export interface HostedServerEvents {
  onEnvelope(envelope: Envelope): void;
  onReady(): void;
  /** It crashed or could not be started; what was sent to it has settled. `why` is a sentence with its last words. */
  onDown(why: string): void;
  /** It will not answer the request in this frame, which has settled. `why` is a sentence. */
  onFailed(frame: SentFrame, why: string): void;
  onStateChanged(): void;
}

/**
 * The life of one process (or remote connection): stopped → starting → ready → stopped, with backoff after crashes.
 * It knows nothing of clients; the router gives it work.
 */
export class HostedServer {
  readonly #options: HostedServerOptions;
  readonly #events: HostedServerEvents;
  #phase: ServerPhase = { state: "stopped" };
  /** The start that the present process came from: what earlier ones still say is not heard. */
  #run: Starting | undefined;
  readonly #crashes = new CrashRecord();
  /** Called when a start has succeeded or failed. */
  #waiting: (() => void)[] = [];
  #hello: ServerHello | undefined;
  /** The end of the process that crashed last, with all that it had started. */
  #leftover: Promise<void> | undefined;

  constructor(options: HostedServerOptions, events: HostedServerEvents) {
    this.#options = options;
    this.#events = events;
  }

  get state(): ServerState {
    return this.#phase.state;
  }

  /** Its answer to `initialize`, kept when it stops. */
  get hello(): ServerHello | undefined {
    return this.#hello;
  }

  get pid(): number | null {
    return this.#channel?.pid ?? null;
  }

  /** Why it is in backoff. */
  get problem(): string | undefined {
    return this.#phase.state === "backoff" ? this.#phase.why : undefined;
  }

  /** Starts it if need be and waits until it is ready or known not to become so, at most `boundMs`. */
  async ready(boundMs: number): Promise<ServerHello | undefined> {
    if (this.demand().now === "wait") {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, boundMs);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.state === "ready" ? this.hello : undefined;
  }

  /** Makes sure that it runs or starts, unless it crashed too recently. */
  demand(): Demand {
    const phase = this.#phase;
    switch (phase.state) {
      case "ready":
        return { now: "ready" };
      case "starting":
        return { now: "wait" };
      case "stopping":
        phase.thenStart = true;
        return { now: "wait" };
      case "stopped":
        this.#start();
        return { now: "wait" };
      case "backoff": {
        const waitMs = phase.until - performance.now();
        if (waitMs > 0) return { now: "refused", why: `${phase.why} Next try in ${durationText(waitMs + 999)}.` };
        clearTimeout(phase.timer);
        this.#start();
        return { now: "wait" };
      }
    }
  }

  /** Sends to a server that is ready or, for answers to its requests, starting. Undefined: there is no process to send to. */
  send(frame: string | Buffer): SentFrame | undefined {
    return this.#channel?.send(frame);
  }

  onDrain(callback: () => void): void {
    const channel = this.#channel;
    if (channel === undefined) process.nextTick(callback);
    else channel.onDrain(callback);
  }

  pause(): void {
    this.#channel?.pause();
  }

  resume(): void {
    this.#channel?.resume();
  }

  /** Stops it in an orderly way; resolves when it is gone. What it still says on its way is not given out. */
  async stop(graceMs = GRACE_MS): Promise<void> {
    const phase = this.#phase;
    switch (phase.state) {
      case "stopped":
        return;
      case "backoff":
        clearTimeout(phase.timer);
        this.#enter({ state: "stopped" });
        return;
      case "stopping":
        phase.thenStart = false;
        return phase.done;
      case "starting":
        clearTimeout(phase.timer);
        return this.#stopping(phase.opened.then((channel) => channel?.stop(graceMs)));
      case "ready":
        return this.#stopping(phase.channel.stop(graceMs));
    }
  }

  get #channel(): Channel | undefined {
    return this.#phase.state === "ready" || this.#phase.state === "starting" ? this.#phase.channel : undefined;
  }

  #enter(phase: ServerPhase): void {
    this.#phase = phase;
    this.#events.onStateChanged();
  }

  #stopping(ended: Promise<unknown>): Promise<void> {
    const done = ended.then(
      () => undefined,
      () => undefined,
    );
    const phase: Stopping = { state: "stopping", done, thenStart: false };
    this.#run = undefined;
    this.#enter(phase);
    return done.then(() => {
      if (this.#phase !== phase) return;
      this.#enter({ state: "stopped" });
      if (phase.thenStart) this.#start();
    });
  }

  #start(): void {
    const since = performance.now();
    const phase: Starting = {
      state: "starting",
      since,
      channel: undefined,
      timer: undefined,
      opened: Promise.resolve(undefined),
    };
    this.#run = phase;
    this.#crashes.forgetWords();
    this.#enter(phase);
    phase.opened = this.#open(phase);
  }

  async #open(phase: Starting): Promise<Channel | undefined> {
    await Promise.all([this.#options.after, this.#leftover]);
    if (this.#phase !== phase) return undefined;
    let channel: Channel;
    try {
      channel = await this.#options.open({
        onFrame: (raw) => {
          if (this.#run === phase) this.#onFrame(raw);
        },
        onFailed: (frame, reason) => {
          if (this.#run === phase) this.#events.onFailed(frame, `The server "${this.#options.name}" ${reason}.`);
        },
        onLogLine: (line) => this.#onLogLine(line),
        onEnd: (end) => {
          if (this.#run === phase) this.#onCrash(end.reason, end.exit);
        },
      });
    } catch (error) {
      if (this.#phase === phase) this.#onCrash(error instanceof Error ? error.message : String(error), undefined);
      return undefined;
    }
    phase.channel = channel;
    if (this.#phase !== phase) return channel; // `stop` waits for it.
    if (this.#options.era === "none") this.#becomeReady(phase, channel);
    else {
      channel.send(initializeFrame(this.#options.version, this.#options.clientCapabilities()));
      phase.timer = setTimeout(() => {
        this.#onCrash(`did not answer "initialize" within ${durationText(START_BOUND_MS)}`, undefined);
      }, START_BOUND_MS);
    }
    return channel;
  }

  #becomeReady(phase: Starting, channel: Channel): void {
    clearTimeout(phase.timer);
    const now = performance.now();
    this.#enter({ state: "ready", channel, since: now });
    const what = [
      channel.pid === null ? [] : `pid ${channel.pid}`,
      this.#hello ? describeHello(this.#hello) : [],
    ].flat();
    this.#log("info", `ready after ${Math.round(now - phase.since)} ms (${what.join(", ")})`);
    this.#events.onReady();
    this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #onFrame(raw: Buffer): void {
    const phase = this.#phase;
    if (phase.state !== "ready" && phase.state !== "starting") return;
    let envelope: Envelope;
    try {
      envelope = readEnvelope(raw);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      const shown = raw.toString("utf8", 0, SHOWN_BYTES);
      this.#log("warn", `skipped output that is no MCP (${error.message}) ${this.#options.redact(shown)}`);
      return;
    }
    if (phase.state === "ready") this.#events.onEnvelope(envelope);
    else if (envelope.kind === "response" && envelope.id === INITIALIZE_ID) this.#onInitialized(phase, envelope);
    else if (envelope.kind === "request" && envelope.method !== "ping") this.#refuseEarly(envelope);
    else this.#events.onEnvelope(envelope);
  }

  /** MCP lets a server ask nothing but "ping" before it is initialized; one that echoes its input does so, too. */
  #refuseEarly({ raw, idSpan, method }: RequestEnvelope): void {
    const refusal = { code: -32600, message: `"${method}" before notifications/initialized` };
    this.send(errorFrame(textAt(raw, idSpan), refusal));
  }

  #onInitialized(phase: Starting, answer: Envelope & { kind: "response" }): void {
    const { channel } = phase;
    if (channel === undefined) return;
    const hello = readServerHello(answer);
    if ("problem" in hello) {
      this.#onCrash(hello.problem, undefined);
      return;
    }
    this.#hello = hello;
    channel.agree(hello.protocolVersion);
    channel.send(INITIALIZED_FRAME);
    this.#becomeReady(phase, channel);
  }

  #onLogLine(line: string): void {
    const text = this.#options.redact(line);
    this.#crashes.note(text);
    this.#log("info", text);
  }

  #onCrash(reason: string, exit: ChannelEnd["exit"]): void {
    const phase = this.#phase;
    if (phase.state === "starting") clearTimeout(phase.timer);
    this.#leftover = this.#channel?.stop(GRACE_MS);
    this.#run = undefined;
    const readyMs = phase.state === "ready" ? performance.now() - phase.since : undefined;
    const { nextStartMs, what } = this.#crashes.add(readyMs, this.#options.redact(reason));
    this.#log("error", what);
    const { name: server, breadcrumb } = this.#options;
    if (exit !== undefined) breadcrumb({ kind: "server-crashed", server, exit, nextStartMs });
    const why = `The server "${server}" ${what}.${this.#crashes.lastWords}`;
    this.#backOff(why, nextStartMs);
    this.#events.onDown(why);
    this.#wakeWaiting();
  }

  #backOff(why: string, waitMs: number): void {
    const { keepUp } = this.#options;
    if (waitMs === 0 && !keepUp) return this.#enter({ state: "stopped" });
    const phase: Backoff = { state: "backoff", why, until: performance.now() + waitMs, timer: undefined };
    if (keepUp) {
      phase.timer = setTimeout(() => {
        if (this.#phase === phase) this.#start();
      }, waitMs);
      phase.timer.unref();
    }
    this.#enter(phase);
  }

  #log(level: LogLevel, text: string): void {
    this.#options.log(level, this.#options.name, text);
  }
}

/** From spawn to the answer to `initialize`: a first `npx` downloads meanwhile. */
const START_BOUND_MS = 60_000;
const SHOWN_BYTES = 300;

function describeHello({ serverInfo, protocolVersion }: ServerHello): string {
  return `${serverInfo.name} ${serverInfo.version}, MCP ${protocolVersion}`;
}
