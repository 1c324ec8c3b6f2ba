import { statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";

import {
  checkSocketPath,
  isPrivateDirectory,
  resolveDirectory,
  statePaths,
  type StatePaths,
} from "../../state/directory.js";
import { DEFAULT_DIRECTORY, ENVIRONMENT } from "../../state/environment.js";
import { readBuildInfo } from "../../install/build-info.js";
import type { Installed } from "../../version/identity.js";
import { isReadableVersion } from "../../version/versions.js";
import { EXIT } from "../exit-code.js";
import { parseJson, type PlainCall } from "./plain-call.js";
import {
  answerTo,
  callLine,
  helloLine,
  INITIALIZED_LINE,
  LIST_ID,
  LIST_LINE,
  ourDaemon,
  plainAnswer,
  WARM_CALL_ID,
  type PlainAnswer,
} from "./warm-frames.js";

export type WarmOutcome =
  | PlainAnswer
  /** The call was not sent. The full path starts over and reports what it finds. */
  | { state: "not-warm" }
  /**
   * The call was sent, as frame number `frame`, to the daemon with that pid, and there is no plain answer yet. Everything
   * received can still be read from `socket`, even if the connection ends meanwhile.
   */
  | { state: "sent"; socket: Socket; frame: number; pid: unknown }
  /** The kernel took the call, and then the connection ended. */
  | { state: "lost" }
  /** The user pressed ctrl-c. `sent`: the call may have reached the server. */
  | { state: "interrupted"; sent: boolean };

/** What the full path words, or finds out. */
export type SentOutcome = Extract<WarmOutcome, { state: "sent" | "lost" | "interrupted" }>;

/**
 * The usual call: a daemon of this installation runs, and the tool answers soon. It takes one connection and two round
 * trips, and loads nothing else, not even the JSON-RPC peer, which costs as much as all the rest. Every other case is
 * left to the full path, either before the call is sent or with the connection as it is.
 */
export function makeWarmCall(call: PlainCall): Promise<WarmOutcome> {
  const installed = findInstalled();
  const paths = findPaths();
  if (!installed || !paths) return Promise.resolve({ state: "not-warm" });
  return new Promise((resolve) => {
    new Exchange(paths, installed, call, resolve);
  });
}

/** A warm daemon and most tools answer within a millisecond; after this the full path waits, with progress and heartbeats. */
const PATIENCE_MS = 1_000;
const LARGE_ANSWER_BYTES = 1024 * 1024;

/** One connection and its phases: hello, the list of tools where `key=value` words need types, the call. */
class Exchange {
  readonly #paths: StatePaths;
  readonly #installed: Installed;
  readonly #call: PlainCall;
  readonly #resolve: (outcome: WarmOutcome) => void;
  readonly #socket: Socket;
  #phase: "hello" | "list" | "sent" = "hello";
  /** Has the kernel taken the whole call? */
  #taken = false;
  #pid: unknown;
  #received: Buffer | undefined;
  #patience: NodeJS.Timeout | undefined;
  #typing: Promise<Typing> | undefined;

  constructor(paths: StatePaths, installed: Installed, call: PlainCall, resolve: (outcome: WarmOutcome) => void) {
    this.#paths = paths;
    this.#installed = installed;
    this.#call = call;
    this.#resolve = resolve;
    this.#socket = createConnection({ path: paths.socket });
    this.#socket.write(helloLine(call, installed));
    this.#socket.on("connect", this.#onConnect).on("data", this.#onData).on("error", ignore).on("close", this.#onClose);
  }

  /** The hello has been written, so this runs while the daemon prepares its answer. */
  readonly #onConnect = (): void => {
    process.once("SIGINT", this.#onInterrupt);
    this.#patience = setTimeout(() => this.#leave(), PATIENCE_MS);
    if (!isPrivate(this.#paths.dir) || !isReadableVersion(this.#installed.version)) this.#leave();
    else if (isWords(this.#call.arguments)) this.#typing = import("./arguments/call-typing.js");
  };

  readonly #onData = (chunk: Buffer): void => {
    const received = this.#received ? Buffer.concat([this.#received, chunk]) : chunk;
    this.#received = received;
    if (received[received.length - 1] !== NEWLINE) {
      if (received.length > LARGE_ANSWER_BYTES) this.#leave();
      return;
    }
    const text = received.toString();
    const lineEnd = text.indexOf("\n");
    const isAlone = lineEnd === text.length - 1;
    const line = isAlone ? text : text.slice(0, lineEnd);
    const message = parseJson(line);
    switch (this.#phase) {
      case "hello":
        return isAlone ? this.#onHello(ourDaemon(message, this.#installed)) : this.#leave();
      case "list":
        return isAlone ? void this.#onList(message) : this.#leave();
      default:
        return this.#onAnswer(line, message);
    }
  };

  #onHello(daemon: Record<string, unknown> | undefined): void {
    if (!daemon) return this.#leave();
    this.#pid = daemon["pid"];
    this.#received = undefined;
    const { arguments: given } = this.#call;
    if (!isWords(given)) return this.#send(INITIALIZED_LINE, given);
    this.#phase = "list";
    this.#socket.write(INITIALIZED_LINE + LIST_LINE);
  }

  async #onList(message: unknown): Promise<void> {
    this.#received = undefined;
    const { arguments: words, tool } = this.#call;
    const typing = await this.#typing;
    const args = isWords(words) ? typing?.typeWords(words, tool, answerTo(LIST_ID, message)) : undefined;
    if (args) this.#send("", args);
    else this.#leave();
  }

  #send(before: string, args: string): void {
    this.#phase = "sent";
    this.#socket.write(before + callLine(this.#call.tool, args), (error) => {
      this.#taken = !error;
    });
  }

  #onAnswer(line: string, message: unknown): void {
    const answer = plainAnswer(line, answerTo(WARM_CALL_ID, message));
    // The process exits next, so nothing is cleaned up.
    if (answer) this.#resolve(answer);
    else this.#leave();
  }

  /** A call that was not handed to the kernel as a whole can safely be sent again by the full path. */
  readonly #onClose = (): void => {
    this.#detach();
    this.#resolve({ state: this.#taken ? "lost" : "not-warm" });
  };

  /**
   * The daemon cancels the calls of a client that disconnects, so the full path only words the error. This handler stays
   * until the full path has its own (see interrupt.ts): a signal that arrived in between would be lost, and the call
   * would go on.
   */
  readonly #onInterrupt = (): void => {
    if (!this.#patience) process.exit(EXIT.interrupted);
    this.#detach();
    this.#resolve({ state: "interrupted", sent: this.#phase === "sent" });
  };

  /** Hands over to the full path: with the connection as if nothing had been read, or without it if the call was not sent. */
  #leave(): void {
    this.#detach();
    if (this.#phase === "sent") {
      // The full path attaches to the socket and resumes it. Until then an end or a reset of the connection is ignored.
      this.#socket.pause();
      if (this.#received) this.#socket.unshift(this.#received);
      // Behind hello, "initialized" and, where the words needed types, the list.
      this.#resolve({ state: "sent", socket: this.#socket, frame: this.#typing ? 4 : 3, pid: this.#pid });
    } else {
      this.#socket.destroy();
      this.#resolve({ state: "not-warm" });
    }
  }

  #detach(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#socket.off("connect", this.#onConnect).off("data", this.#onData).off("close", this.#onClose);
  }
}

type Typing = typeof import("./arguments/call-typing.js");

/** `close` follows every error and is handled. */
function ignore(): void {}

function isWords(value: PlainCall["arguments"]): value is readonly string[] {
  return typeof value !== "string";
}

function findInstalled(): Installed | undefined {
  try {
    return readBuildInfo(__dirname);
  } catch {
    return undefined;
  }
}

function findPaths(): StatePaths | undefined {
  try {
    const directory = process.env[ENVIRONMENT.directory];
    const paths = statePaths(resolveDirectory(undefined, ENVIRONMENT.directory, directory, DEFAULT_DIRECTORY));
    checkSocketPath(paths.socket);
    return paths;
  } catch {
    return undefined;
  }
}

/** False if another user could have created the socket, and could then read the call. Checked before the call is sent. */
function isPrivate(directory: string): boolean {
  try {
    return isPrivateDirectory(statSync(directory));
  } catch {
    return false;
  }
}

const NEWLINE = 0x0a;
