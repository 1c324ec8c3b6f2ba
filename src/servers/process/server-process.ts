import type { LogLevel } from "../../log/line.js";
import { errorFrame } from "../../mcp/answer-frames.js";
import type { Era } from "../../mcp/era.js";
import { durationText } from "../../text/duration.js";
import type { ServerState } from "../../wire/control.js";
import type { Envelope } from "../../wire/envelope.js";
import { GRACE_MS, type Channel, type ChannelEnd, type OpenChannel, type SentFrame } from "../channel/channel.js";
import type { ServerLog } from "../server-log.js";
import { CrashRecord } from "./crash-record.js";
import { Handshake } from "./handshake.js";
import type { ClientIntroduction, ServerHello } from "./hello.js";
import type { Backoff, Demand, Ready, ServerPhase, Starting, Stopping } from "./phase.js";
import { readOutput, readOverlong, type Output } from "./read-output.js";
import { StartWaiters } from "./start-waiters.js";

export interface ServerProcessOptions extends ServerLog {
  name: string;
  open: OpenChannel;
  /** The client that the server gets to know in `initialize`. */
  client: ClientIntroduction;
  redact: (text: string) => string;
  /** Bound of a start, ms. */
  startTimeoutMs: number;
  /** Start again after a crash without a request. */
  keepUp: boolean;
  /** The end of processes that must not run beside this one. */
  after: Promise<void> | undefined;
}

export interface ServerProcessEvents {
  /** `within`: the request in whose response it came, if that is known. */
  onEnvelope(envelope: Envelope, within: SentFrame | undefined): void;
  onReady(): void;
  /** It crashed or could not be started; what was sent to it has settled. `why` includes its last output. */
  onDown(why: string): void;
  /** Its answer to the request with this id cannot be read; an unknown id is undefined. `why` is a sentence. */
  onBrokenAnswer(id: string | number | undefined, why: string): void;
  /** It will not answer the request in this frame, which has settled. `why` is a sentence. */
  onFailed(frame: SentFrame, why: string): void;
  onStateChanged(): void;
}

/**
 * The life of a hosted server's process, or of the connection to a remote one: stopped → starting → ready → stopped, with
 * backoff after crashes. It has no clients; its router sends through it.
 */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  readonly #events: ServerProcessEvents;
  #phase: ServerPhase = { state: "stopped" };
  /** The start of the present process. The output of earlier ones is ignored. */
  #run: Starting | undefined;
  readonly #crashes = new CrashRecord();
  readonly #waiters = new StartWaiters();
  #era: Era = "initialize";
  #hello: ServerHello | undefined;
  /** The end of the process that crashed last, with all that it had started. */
  #leftover: Promise<void> | undefined;

  constructor(options: ServerProcessOptions, events: ServerProcessEvents) {
    this.#options = options;
    this.#events = events;
  }

  get state(): ServerState {
    return this.#phase.state;
  }

  /** The protocol that it speaks, as its first start has shown; until then that of most servers. */
  get era(): Era {
    return this.#era;
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

  /** Starts it if need be and waits until it is ready, failed or is stopped, at most `boundMs`. */
  async ready(boundMs: number): Promise<ServerHello | undefined> {
    if (this.demand().now === "wait") await this.#waiters.wait(boundMs);
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

  /** Stops it in an orderly way; resolves when it has ended. What it still sends meanwhile is ignored. */
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
        phase.handshake?.end();
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
    this.#waiters.wake();
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
      handshake: this.#era === "stateless" ? undefined : this.#createHandshake(),
      opened: Promise.resolve(undefined),
    };
    this.#run = phase;
    this.#crashes.forgetLines();
    this.#enter(phase);
    phase.opened = this.#open(phase);
  }

  async #open(phase: Starting): Promise<Channel | undefined> {
    await Promise.all([this.#options.after, this.#leftover]);
    if (this.#phase !== phase) return undefined;
    let channel: Channel;
    try {
      channel = await this.#options.open({
        onFrame: (raw, within) => {
          if (this.#run === phase) this.#onOutput(readOutput(raw), within);
        },
        onOverlong: (line) => {
          if (this.#run === phase) this.#onOutput([readOverlong(line)]);
        },
        onFailed: (frame, reason) => {
          if (this.#run === phase) this.#events.onFailed(frame, this.#sentence(`${this.#options.redact(reason)}.`));
        },
        onLogLine: (line) => this.#onLogLine(line),
        onEnd: (end) => {
          if (this.#run !== phase) return;
          if (end.forgotten === true) this.#onForgotten(end.reason);
          else this.#onCrash(end.reason, end.exit);
        },
      });
    } catch (error) {
      if (this.#phase === phase) this.#onCrash(error instanceof Error ? error.message : String(error), undefined);
      return undefined;
    }
    phase.channel = channel;
    if (this.#phase !== phase) return channel; // `stop` waits for it.
    if (phase.handshake === undefined) this.#becomeReady();
    else phase.handshake.begin(channel, performance.now() - phase.since);
    return channel;
  }

  #createHandshake(): Handshake {
    return new Handshake({
      client: this.#options.client,
      boundMs: this.#options.startTimeoutMs,
      onReady: (hello) => {
        this.#hello = hello;
        this.#becomeReady();
      },
      onStateless: () => {
        this.#era = "stateless";
        this.#becomeReady();
      },
      onFailed: (reason) => this.#onCrash(reason, undefined),
    });
  }

  #becomeReady(): void {
    const phase = this.#phase;
    if (phase.state !== "starting" || phase.channel === undefined) return;
    phase.handshake?.end();
    const ready: Ready = { state: "ready", channel: phase.channel, since: performance.now() };
    this.#enter(ready);
    const facts = [
      ready.channel.pid === null ? [] : `pid ${ready.channel.pid}`,
      this.#hello ? this.#describe(this.#hello) : [],
    ].flat();
    this.#log("info", `ready after ${Math.round(ready.since - phase.since)} ms (${facts.join(", ")})`);
    this.#events.onReady();
    this.#waiters.wake();
  }

  #onOutput(outputs: Output[], within?: SentFrame): void {
    for (const output of outputs) {
      const phase = this.#phase;
      if (phase.state !== "ready" && phase.state !== "starting") return;
      const handshake = phase.state === "starting" ? phase.handshake : undefined;
      switch (output.kind) {
        case "other":
          this.#log("warn", `skipped output that is no MCP (a line that ${this.#quoted(output)})`);
          break;
        case "broken request": {
          const message = `The request ${output.problem}.`;
          this.#log("warn", `refused a request that ${this.#quoted(output)}`);
          this.send(errorFrame(output.idText, { code: -32700, message }));
          break;
        }
        case "broken answer": {
          const reason = `sent an answer that ${output.problem}`;
          this.#log("warn", `sent an answer that ${this.#quoted(output)}`);
          if (handshake?.takeBroken(output.id, reason) !== true) {
            this.#events.onBrokenAnswer(output.id, this.#sentence(`${reason}.`));
          }
          break;
        }
        default:
          if (handshake?.take(output) !== true) this.#events.onEnvelope(output, within);
      }
    }
  }

  #quoted({ problem, start }: { problem: string; start: string }): string {
    return `${problem}: ${cut(this.#options.redact(start), SHOWN_CHARACTERS)}`;
  }

  #onLogLine(line: string): void {
    const text = cut(this.#options.redact(line), LINE_CHARACTERS);
    this.#crashes.note(text);
    this.#log("info", text);
  }

  /** A remote server forgot the session, as after a restart: no crash. Clients may listen to it, so a new one is begun. */
  #onForgotten(reason: string): void {
    const what = this.#options.redact(reason);
    this.#log("info", `${what}; a new session is begun`);
    this.#run = undefined;
    this.#enter({ state: "stopped" });
    this.#events.onDown(this.#sentence(`${what}.`));
    this.demand();
  }

  #onCrash(reason: string, exit: ChannelEnd["exit"]): void {
    const phase = this.#phase;
    if (phase.state === "starting") phase.handshake?.end();
    this.#leftover = this.#channel?.stop(GRACE_MS);
    this.#run = undefined;
    const readyMs = phase.state === "ready" ? performance.now() - phase.since : undefined;
    const { nextStartMs, what } = this.#crashes.add(readyMs, cut(this.#options.redact(reason), REASON_CHARACTERS));
    this.#log("error", what);
    const { name: server, breadcrumb } = this.#options;
    if (exit !== undefined) breadcrumb({ kind: "server-crashed", server, exit, nextStartMs });
    const why = this.#sentence(`${what}.${this.#crashes.lastOutput}`);
    this.#backOff(why, nextStartMs);
    this.#events.onDown(why);
    this.#waiters.wake();
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

  #describe({ serverInfo, protocolVersion }: ServerHello): string {
    return `${this.#options.redact(`${serverInfo.name} ${serverInfo.version}`)}, MCP ${protocolVersion}`;
  }

  #sentence(predicate: string): string {
    return `The server "${this.#options.name}" ${predicate}`;
  }

  #log(level: LogLevel, text: string): void {
    this.#options.log(level, this.#options.name, text);
  }
}

/** How much is shown of a line that is no message, of a failure, and of a line on stderr. */
const SHOWN_CHARACTERS = 300;
const REASON_CHARACTERS = 1_000;
const LINE_CHARACTERS = 8 * 1024;

/** For texts without secrets only, as half a secret is not recognised. */
function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
