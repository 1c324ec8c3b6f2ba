import { createConnection, type Socket } from "node:net";

import { checkDirectory, checkSocketPath, resolveDirectory, statePaths } from "../state/directory.js";
import { DEFAULT_DIRECTORY, ENVIRONMENT } from "../state/environment.js";
import { readBuildInfo } from "../version/build-info.js";
import { identityOf, type Installed } from "../version/identity.js";
import { isReadableVersion } from "../version/versions.js";
import { EXPERIMENTAL_KEY, type ClientHello } from "../wire/control.js";
import { LATEST_PROTOCOL_VERSION } from "../wire/handshake.js";
import { isTerminal } from "./terminal.js";

/** A call in its plainest words, with no option but --json. */
export interface PlainCall {
  server: string;
  tool: string;
  /** All of them at once; or `key=value` words, to be typed by the tool's schema. */
  arguments: Record<string, unknown> | readonly string[];
  json: boolean;
}

export type WarmOutcome =
  | { state: "answered"; result: Record<string, unknown>; text: string }
  /** Nothing was sent that matters: the long way begins, and has the words for whatever it finds. */
  | { state: "not-warm" }
  /** It is under way, and something else came than a plain answer, or nothing so far. `socket` has it all still to be read. */
  | { state: "sent"; socket: Socket }
  /** It was handed over, and the connection ended. */
  | { state: "lost" };

/** It was sent, and how it ends is for the long way to find out. */
export type SentOutcome = Extract<WarmOutcome, { state: "sent" | "lost" }>;

/** The call's id, which is its progress token, too. */
export const WARM_CALL_ID = 2;
const HELLO_ID = 1;
const LIST_ID = 3;

/** No call, or one that wants more of the command line read: undefined. */
export function readPlainCall(argv: readonly string[]): PlainCall | undefined {
  if (argv[0] !== "call") return undefined;
  const [server, tool, ...words] = argv.slice(1).filter((word) => word !== "--json");
  if (server === undefined || tool === undefined) return undefined;
  if ([server, tool, ...words].some((word) => word.startsWith("-"))) return undefined;
  const json = argv.includes("--json");
  if (words.length > 0 && words.every((word) => /^[^{=][^=]*=/.test(word)))
    return { server, tool, arguments: words, json };
  const value = words.length > 1 ? undefined : parseJson(words[0] ?? "{}");
  return isObject(value) ? { server, tool, arguments: value, json } : undefined;
}

/**
 * The call as it nearly always is: a daemon of this very installation runs and the tool answers soon. One connection,
 * two round trips, and nothing loaded that these do not need: not even the peer, which costs as much as the rest.
 * Whatever else happens is left to the long way, before the call was sent or with the connection as it is.
 */
export function makeWarmCall(call: PlainCall): Promise<WarmOutcome> {
  const installed = findInstalled();
  const path = findSocket();
  if (!installed || path === undefined) return Promise.resolve({ state: "not-warm" });
  return exchange(path, installed, call);
}

/** A warm daemon answers in less than a millisecond, and most tools do; the long way waits better. */
const PATIENCE_MS = 1_000;
const LARGE_ANSWER_BYTES = 1024 * 1024;

function exchange(path: string, installed: Installed, call: PlainCall): Promise<WarmOutcome> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    let phase: "hello" | "list" | "sent" | "taken" = "hello";
    let received: Buffer | undefined;
    let patience: NodeJS.Timeout | undefined;
    let typing: Promise<Typing> | undefined;

    const end = (outcome: WarmOutcome): void => {
      clearTimeout(patience);
      socket.off("connect", onConnect).off("data", onData).off("close", onClose);
      if (outcome.state === "not-warm") socket.destroy();
      if (outcome.state === "sent") {
        // As if nothing had been read: whoever goes on attaches, and resumes it.
        socket.off("error", ignore).pause();
        if (received) socket.unshift(received);
      }
      resolve(outcome);
    };
    const leave = (): void => {
      end(phase === "sent" || phase === "taken" ? { state: "sent", socket } : { state: "not-warm" });
    };
    const send = (before: string, args: object): void => {
      phase = "sent";
      socket.write(before + callLine(call.tool, args), (error) => {
        if (!error) phase = "taken";
      });
    };

    // By then the hello has left: this is done while the daemon works on its answer.
    const onConnect = (): void => {
      patience = setTimeout(leave, PATIENCE_MS);
      if (!isReadableVersion(installed.version)) leave();
      else if (isWords(call.arguments)) typing = import("./call-typing.js");
    };
    const onData = (chunk: Buffer): void => {
      received = received ? Buffer.concat([received, chunk]) : chunk;
      const newline = received.indexOf(NEWLINE);
      if (newline === -1) {
        if (received.length > LARGE_ANSWER_BYTES) leave();
        return;
      }
      const message = parseJson(received.toString("utf8", 0, newline));
      const isLast = newline + 1 === received.length;
      switch (phase) {
        case "hello":
          if (!isLast || !isOurs(message, installed)) return leave();
          received = undefined;
          if (!isWords(call.arguments)) return send(INITIALIZED_LINE, call.arguments);
          phase = "list";
          socket.write(INITIALIZED_LINE + LIST_LINE);
          return;
        case "list":
          if (!isLast) return leave();
          received = undefined;
          void typing?.then(({ typeWords }) => {
            const args = isWords(call.arguments)
              ? typeWords(call.arguments, call.tool, answerTo(LIST_ID, message))
              : undefined;
            if (args) send("", args);
            else leave();
          }, leave);
          return;
        default: {
          const answer = plainAnswer(answerTo(WARM_CALL_ID, message));
          if (answer) end(answer);
          else leave();
        }
      }
    };
    // What never left this process whole can safely be sent again, the long way.
    const onClose = (): void => end({ state: phase === "taken" ? "lost" : "not-warm" });

    socket.write(helloLine(call, installed));
    socket.on("connect", onConnect).on("data", onData).on("error", ignore).on("close", onClose);
  });
}

type Typing = typeof import("./call-typing.js");

/** An error is followed by the close that counts. */
function ignore(): void {}

const INITIALIZED_LINE = '{"jsonrpc":"2.0","method":"notifications/initialized"}\n';
const LIST_LINE = `{"jsonrpc":"2.0","id":${LIST_ID},"method":"tools/list","params":{}}\n`;

function helloLine({ server }: PlainCall, { version, root }: Installed): string {
  const hello: ClientHello = { role: "cli", pid: process.pid, server, heartbeat: true, installRoot: root };
  const params = {
    protocolVersion: LATEST_PROTOCOL_VERSION,
    capabilities: { experimental: { [EXPERIMENTAL_KEY]: hello } },
    clientInfo: { name: "lockstep", version },
  };
  return `${JSON.stringify({ jsonrpc: "2.0", id: HELLO_ID, method: "initialize", params })}\n`;
}

function callLine(tool: string, args: object): string {
  const params = { name: tool, arguments: args, ...(isTerminal(2) && { _meta: { progressToken: WARM_CALL_ID } }) };
  return `${JSON.stringify({ jsonrpc: "2.0", id: WARM_CALL_ID, method: "tools/call", params })}\n`;
}

/** The result, if this is the answer to that request and no error. */
function answerTo(id: number, message: unknown): Record<string, unknown> | undefined {
  return isObject(message) && message["id"] === id && isObject(message["result"]) ? message["result"] : undefined;
}

function isWords(value: PlainCall["arguments"]): value is readonly string[] {
  return Array.isArray(value);
}

/** In step beyond any doubt: the daemon runs what is installed here. Whatever takes judging is for the long way. */
function isOurs(message: unknown, installed: Installed): boolean {
  const result = answerTo(HELLO_ID, message);
  if (!result || !isObject(result["serverInfo"]) || !isObject(result["capabilities"])) return false;
  const { serverInfo, capabilities } = result;
  const daemon = identityOf({ serverInfo: { version: String(serverInfo["version"]) }, capabilities }, EXPERIMENTAL_KEY);
  return (
    daemon.installRoot === installed.root &&
    daemon.buildId === installed.buildId &&
    daemon.protocol === installed.protocol &&
    daemon.version === installed.version
  );
}

/** A success that consists of texts. Errors, files and the like take more than printing. */
function plainAnswer(result: Record<string, unknown> | undefined): WarmOutcome | undefined {
  const content: unknown = result?.["content"];
  if (!result || result["isError"] === true || !Array.isArray(content) || content.length === 0) return undefined;
  let text = "";
  for (const block of content as unknown[]) {
    if (!isObject(block) || block["type"] !== "text" || typeof block["text"] !== "string") return undefined;
    text += block["text"].endsWith("\n") ? block["text"] : `${block["text"]}\n`;
  }
  return { state: "answered", result, text };
}

function findInstalled(): Installed | undefined {
  try {
    return readBuildInfo(__dirname);
  } catch {
    return undefined;
  }
}

/** Of a state directory that is ours alone. */
function findSocket(): string | undefined {
  try {
    const directory = process.env[ENVIRONMENT.directory];
    const paths = statePaths(resolveDirectory(undefined, ENVIRONMENT.directory, directory, DEFAULT_DIRECTORY));
    checkSocketPath(paths.socket);
    return checkDirectory(paths) ? paths.socket : undefined;
  } catch {
    return undefined;
  }
}

const NEWLINE = 0x0a;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
