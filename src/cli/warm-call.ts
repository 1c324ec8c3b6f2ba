import { createConnection, type Socket } from "node:net";

import { checkDirectory, checkSocketPath, resolveDirectory, statePaths } from "../state/directory.js";
import { DEFAULT_DIRECTORY, ENVIRONMENT } from "../state/environment.js";
import { readBuildInfo } from "../version/build-info.js";
import { identityOf, type Installed } from "../version/identity.js";
import { isReadableVersion } from "../version/versions.js";
import { EXPERIMENTAL_KEY, type ClientHello } from "../wire/control.js";
import { LATEST_PROTOCOL_VERSION } from "../wire/handshake.js";
import { isTerminal } from "./terminal.js";

/** A call in its plainest words: arguments as JSON or none, and no option but --json. */
export interface PlainCall {
  server: string;
  tool: string;
  arguments: Record<string, unknown>;
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

/** The call's id; it is the progress token, too. */
export const WARM_CALL_ID = 2;

/** No call, or one that wants more of the command line read: undefined. */
export function readPlainCall(argv: readonly string[]): PlainCall | undefined {
  const words = argv.filter((word) => word !== "--json");
  const [command, server = "", tool = "", json = "{}"] = words;
  const isPlain = words.length === 3 || words.length === 4;
  if (command !== "call" || !isPlain || server.startsWith("-") || tool.startsWith("-")) return undefined;
  const value = json.startsWith("{") ? parseJson(json) : undefined;
  return isObject(value) ? { server, tool, arguments: value, json: words.length < argv.length } : undefined;
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
    let received: Buffer | undefined;
    let patience: NodeJS.Timeout | undefined;
    let lines = "";
    let phase: "hello" | "sent" | "taken" = "hello";

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
    const leave = (): void => end(phase === "hello" ? { state: "not-warm" } : { state: "sent", socket });
    // By then the hello has left: this is done while the daemon works on its answer.
    const onConnect = (): void => {
      patience = setTimeout(leave, PATIENCE_MS);
      lines = callLines(call, isTerminal(2));
      if (!isReadableVersion(installed.version)) leave();
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
      if (phase === "hello") {
        if (!isLast || !isOurs(message, installed)) return leave();
        received = undefined;
        phase = "sent";
        socket.write(lines, (error) => {
          if (!error) phase = "taken";
        });
        return;
      }
      const answer = plainAnswer(message);
      if (answer) end(answer);
      else leave();
    };
    // What never left this process whole can safely be sent again, the long way.
    const onClose = (): void => end({ state: phase === "taken" ? "lost" : "not-warm" });

    socket.write(helloLine(call, installed));
    socket.on("connect", onConnect).on("data", onData).on("error", ignore).on("close", onClose);
  });
}

/** An error is followed by the close that counts. */
function ignore(): void {}

function helloLine({ server }: PlainCall, { version, root }: Installed): string {
  const hello: ClientHello = { role: "cli", pid: process.pid, server, heartbeat: true, installRoot: root };
  const params = {
    protocolVersion: LATEST_PROTOCOL_VERSION,
    capabilities: { experimental: { [EXPERIMENTAL_KEY]: hello } },
    clientInfo: { name: "lockstep", version },
  };
  return `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`;
}

function callLines({ tool, arguments: args }: PlainCall, wantsProgress: boolean): string {
  const params = { name: tool, arguments: args, ...(wantsProgress && { _meta: { progressToken: WARM_CALL_ID } }) };
  const call = JSON.stringify({ jsonrpc: "2.0", id: WARM_CALL_ID, method: "tools/call", params });
  return `{"jsonrpc":"2.0","method":"notifications/initialized"}\n${call}\n`;
}

/** In step beyond any doubt: the daemon runs what is installed here. Whatever takes judging is for the long way. */
function isOurs(message: unknown, installed: Installed): boolean {
  const result = isObject(message) ? message["result"] : undefined;
  if (!isObject(result) || !isObject(result["serverInfo"]) || !isObject(result["capabilities"])) return false;
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
function plainAnswer(message: unknown): WarmOutcome | undefined {
  if (!isObject(message) || message["id"] !== WARM_CALL_ID || !isObject(message["result"])) return undefined;
  const { result } = message;
  const content: unknown = result["content"];
  if (result["isError"] === true || !Array.isArray(content) || content.length === 0) return undefined;
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
