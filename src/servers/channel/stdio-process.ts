import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";

import type { ServerExit } from "../../log/breadcrumbs.js";
import { endFamily, membersOf, signalMembers, type Family } from "../../state/family.js";
import { FrameStream } from "../../wire/frame-stream.js";
import { GRACE_MS, type Channel, type ChannelHandlers, type Fate, type SentFrame } from "./channel.js";
import { lineSplitter } from "./lines.js";
import { OutputLines } from "./output-lines.js";
import { describeExit, describeSpawnError } from "./process-failure.js";
import { signalGroup } from "./process-group.js";

export interface StdioProcessOptions {
  /** Names it in the wire trace. */
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** A process was started; returns by what its descendants are found. */
  onSpawn(pid: number): Family;
  /** It has ended, and everything that it had started. */
  onGone(): void;
}

/** How long a process may take to exit after SIGKILL, ms; it takes longer only in a system call that hangs. */
const KILLED_MS = 1_000;

/** How long to wait for more output after the leader has exited, ms. */
const LAST_OUTPUT_MS = 200;

/** Starts an MCP server as a child in its own process group. Rejects with the reason when it cannot be spawned. */
export async function openStdioProcess(options: StdioProcessOptions, handlers: ChannelHandlers): Promise<Channel> {
  const { command, args, env, cwd } = options;
  // The fourth entry closes the file descriptor on which a daemon may hold its lock, so that no child inherits it.
  const stdio: ["pipe", "pipe", "pipe", "ignore"] = ["pipe", "pipe", "pipe", "ignore"];
  const child = spawn(command, args, { env, cwd, detached: true, stdio }) as StdioChild;
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(new Error(describeSpawnError(error, options), { cause: error })));
  });
  return new StdioProcess(child, options, handlers);
}

type StdioChild = ChildProcessByStdio<Writable, Readable, Readable>;

class StdioProcess implements Channel {
  readonly pid: number;
  readonly #handlers: ChannelHandlers;
  readonly #stream: FrameStream;
  readonly #family: Family;
  readonly #gone: Promise<void>;
  #exited = false;
  #stopping = false;
  /** A signal from us ended it. */
  #forced = false;
  #reason: string | undefined;
  /** Output has come since the last look. */
  #hasOutput = false;
  /** Once it has ended: the number of the last frame that may have reached it. */
  #lastLeft: number | undefined;
  /** The fate of the frame with this number. */
  readonly #fateOf = (number: number): Fate => {
    if (this.#lastLeft !== undefined) return number <= this.#lastLeft ? "unknown" : "failed-before";
    return number <= this.#stream.framesLeft ? "left" : "taken";
  };

  constructor(child: StdioChild, options: StdioProcessOptions, handlers: ChannelHandlers) {
    const pid = child.pid ?? 0;
    this.pid = pid;
    this.#handlers = handlers;
    const family = options.onSpawn(pid);
    this.#family = family;
    child.on("error", () => undefined); // A signal could not be sent; the next step follows anyway.
    const onStderr = lineSplitter((line) => handlers.onLogLine(line));
    child.stderr.on("data", onStderr);
    child.stderr.on("error", () => undefined);
    child.stderr.on("end", () => onStderr(undefined));

    let onStreamClosed: () => void = () => undefined;
    const streamClosed = new Promise<void>((resolve) => (onStreamClosed = resolve));
    this.#stream = new FrameStream(child.stdout, child.stdin, {
      label: options.name,
      cutter: (onFrame) => new OutputLines(onFrame, (line) => handlers.onOverlong(line)),
      onFrame: (raw) => handlers.onFrame(raw),
      onActivity: () => (this.#hasOutput = true),
      onClose: (error) => {
        onStreamClosed();
        this.#onStreamClosed(error);
      },
    });
    this.#gone = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#exited = true;
        this.#stream.resume(); // Nothing can fill the pipe any more, so what is in it is read, and then delivered.
        const ended = endFamily(family, GRACE_MS);
        void this.#lastOutput(streamClosed).then(() => this.#end(signal === null ? { code: code ?? 0 } : { signal }));
        void ended.then((left) => {
          // What even SIGKILL does not end stays recorded, so that the next daemon tries again.
          if (left.length === 0) options.onGone();
          resolve();
        });
      });
    });
  }

  send(frame: string | Buffer): SentFrame {
    if (this.#stream.closed) return NOT_SENT;
    const roomLeft = this.#stream.send(frame);
    return new PipedFrame(this.#stream.framesSent, roomLeft, this.#fateOf);
  }

  onDrain(callback: () => void): void {
    this.#stream.onDrain(callback);
  }

  pause(): void {
    if (!this.#exited) this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  agree(): void {
    // Only HTTP states the version in each request.
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await this.#escalate(graceMs);
  }

  /**
   * Closes stdin, then sends SIGTERM to the whole group, since the leader may be a wrapper such as npx, and SIGKILL to all
   * that descends from it. When the leader exits, `endFamily` takes over.
   */
  async #escalate(graceMs: number): Promise<void> {
    this.#stream.close();
    if (await within(this.#gone, graceMs)) return;
    this.#forced = true;
    if (!this.#exited) signalGroup(this.pid, "SIGTERM");
    if (await within(this.#gone, graceMs)) return;
    signalMembers(membersOf(this.#family), "SIGKILL");
    await within(this.#gone, KILLED_MS);
  }

  /** Its stdout or stdin is closed. Without them the server is useless, even if the process lives on. */
  #onStreamClosed(error: Error | undefined): void {
    if (this.#exited || this.#stopping) return;
    // Usually its exit follows at once and explains more.
    this.#reason =
      error === undefined ? "closed its standard output" : `broke its stream: ${error.message.replace(/\.$/, "")}`;
    void this.#escalate(GRACE_MS);
  }

  /** Waits for the end of the output. A grandchild may hold it open, so it also ends when none comes for LAST_OUTPUT_MS. */
  async #lastOutput(streamClosed: Promise<void>): Promise<void> {
    const end = performance.now() + GRACE_MS;
    do {
      this.#hasOutput = false;
      if (await within(streamClosed, LAST_OUTPUT_MS)) return;
      // A busy process runs the timer before it reads what has been there for long.
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#hasOutput && !this.#stopping && performance.now() < end);
  }

  #end(exit: ServerExit): void {
    const isCutOff = this.#stream.pendingBytes > 0;
    this.#stream.close();
    this.#lastLeft = this.#stream.framesLeft;
    if (this.#stopping) return;
    const why = this.#forced ? this.#reason : undefined;
    const how = `${describeExit(exit)}${isCutOff ? " in the middle of a message" : ""}`;
    this.#handlers.onEnd({ reason: why ?? how, exit });
  }
}

/** A frame in a pipe, whose fate follows from its number: frames leave in the order in which they were sent. */
class PipedFrame implements SentFrame {
  readonly #number: number;
  readonly roomLeft: boolean;
  readonly #fateOf: (number: number) => Fate;

  constructor(number: number, roomLeft: boolean, fateOf: (number: number) => Fate) {
    this.#number = number;
    this.roomLeft = roomLeft;
    this.#fateOf = fateOf;
  }

  get fate(): Fate {
    return this.#fateOf(this.#number);
  }
}

const NOT_SENT: SentFrame = { fate: "failed-before", roomLeft: false };

/** True when `promise` settled within `ms`. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const settled = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}
