import type { ChildProcess } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

import {
  isUpdateResult,
  parseUpdateEvent,
  UPDATE_FLAG,
  type UpdateEvent,
  type UpdateResult,
  type UpdateRequest,
} from "../../install/update-protocol.js";
import { checkSocketPath, prepareDirectory, type StatePaths } from "../../state/directory.js";
import { fileErrorText } from "../../state/file-error.js";
import { afterAwake } from "../../wire/awake.js";
import { escapeToOneLine } from "../../text/escape-control-characters.js";
import { durationText } from "../../text/duration.js";

/** An app that has to unpack itself first takes a while to connect, ms of awake time. */
const START_BOUND_MS = 60_000;
/** The app gives up on a silent server after a minute, so an event comes sooner than this, ms of awake time. */
const SILENCE_BOUND_MS = 150_000;
/** If the app closes the socket because it crashed, its process ends within this time, ms. */
const LAST_WORDS_MS = 500;
/** How much is kept of the stderr of an app that could not start. */
const TAIL_CHARACTERS = 600;

/**
 * Starts the app's `binary`, so that it, or the app that is already running and notices the start, carries out the
 * request. Resolves with the result; `onEvent` receives the progress. Every wait is bounded; throws an Error that says
 * what the app did instead.
 */
export async function askApp(
  binary: string,
  paths: StatePaths,
  want: UpdateRequest["want"],
  onEvent: (event: UpdateEvent) => void,
): Promise<UpdateResult> {
  prepareDirectory(paths);
  const socketPath = `${paths.dir}/u${process.pid}.sock`;
  checkSocketPath(socketPath);
  const removeSocket = (): void => rmSync(socketPath, { force: true });
  // Ctrl-c ends the program at once.
  process.once("exit", removeSocket);
  const server = await listen(socketPath);
  try {
    const app = await startApp(binary, socketPath);
    const connection = await connectionOf(server, app, binary);
    return await resultOf(connection, app, { want, app: binary }, onEvent);
  } finally {
    server.close();
    removeSocket();
    process.off("exit", removeSocket);
  }
}

async function listen(socketPath: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`cannot listen on ${socketPath}: ${fileErrorText(cause)}`, { cause })),
    );
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return server;
}

interface StartedApp {
  child: ChildProcess;
  /** Resolves when the process has ended: how, and the last line of its stderr. */
  ended: Promise<{ how: string; code: number | null; said: string }>;
}

/** In a session of its own, so that ctrl-c here does not end it in the middle of an update. */
async function startApp(binary: string, socketPath: string): Promise<StartedApp> {
  const { spawn } = await import("node:child_process");
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  const child = spawn(binary, [`${UPDATE_FLAG}${socketPath}`], {
    detached: true,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-TAIL_CHARACTERS)));
  const ended = new Promise<{ how: string; code: number | null; said: string }>((resolve) => {
    child.once("error", (error) =>
      resolve({ how: `could not be started: ${fileErrorText(error)}`, code: null, said: "" }),
    );
    child.once("exit", (code, signal) =>
      // The last of stderr may arrive after `exit`.
      setImmediate(() => resolve({ how: `ended with ${signal ?? `exit ${code}`}`, code, said: lastLine(said) })),
    );
  });
  child.unref();
  return { child, ended };
}

/** An app that exits with 0 has passed the request on to the running one. */
function connectionOf(server: Server, { ended }: StartedApp, binary: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const late = afterAwake(START_BOUND_MS, () =>
      reject(
        new Error(
          `${binary} did not answer within ${durationText(START_BOUND_MS)}; is an older version of the app running?`,
        ),
      ),
    );
    server.once("connection", (socket) => {
      late.stop();
      resolve(socket);
    });
    void ended.then(({ how, code, said }) => {
      if (code === 0) return;
      late.stop();
      reject(new Error(`${binary} ${how}${said === "" ? "" : `: ${said}`}`));
    });
  });
}

function resultOf(
  socket: Socket,
  { ended }: StartedApp,
  request: UpdateRequest,
  onEvent: (event: UpdateEvent) => void,
): Promise<UpdateResult> {
  return new Promise((resolve, reject) => {
    const silent = afterAwake(SILENCE_BOUND_MS, () => {
      reject(new Error(`the app has said nothing for ${durationText(SILENCE_BOUND_MS)}`));
      socket.destroy();
    });
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => {
      silent.restart();
      const event = parseUpdateEvent(line);
      if (!event) return;
      if (isUpdateResult(event)) resolve(event);
      else onEvent(event);
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      silent.stop();
      // Does nothing if a result came before.
      const said = Promise.race([ended.then((end) => end.said), delay(LAST_WORDS_MS, "")]);
      void said.then((text) =>
        reject(
          new Error(`the app ended before the update did${text === "" ? "" : `: ${text}`}; run the command again`),
        ),
      );
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

/** Chromium logs its own messages before the relevant one. */
function lastLine(text: string): string {
  return escapeToOneLine(text.trim().split("\n").at(-1) ?? "");
}
