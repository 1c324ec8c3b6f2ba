import type { ChildProcess } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

import {
  isUpdateResult,
  parseNews,
  UPDATE_FLAG,
  type UpdateNews,
  type UpdateResult,
  type UpdateWish,
} from "../../install/update-protocol.js";
import { checkSocketPath, prepareDirectory, whyOf, type StatePaths } from "../../state/directory.js";
import { afterAwake } from "../../wire/awake.js";
import { printable } from "../../text/printable.js";

/** An app that unpacks itself first takes a while until it says something, ms of awake time. */
const START_BOUND_MS = 60_000;
/** The app gives a silent server up after a minute, so it has something to say sooner than this, ms of awake time. */
const NEWS_BOUND_MS = 150_000;
/** An app that closes the socket because it dies is gone soon, ms. */
const LAST_WORDS_MS = 500;
/** What an app that could not start said last. */
const TAIL_CHARACTERS = 600;

/**
 * Starts the app's `binary`, so that it, or the app that runs already and is told of the start, does what is wished.
 * Resolves with what came of it; `onNews` hears how it goes. Every wait is bounded; throws an Error that says what the
 * app did instead.
 */
export async function askApp(
  binary: string,
  paths: StatePaths,
  wish: UpdateWish,
  onNews: (news: UpdateNews) => void,
): Promise<UpdateResult> {
  prepareDirectory(paths);
  const socketPath = `${paths.dir}/u${process.pid}.sock`;
  checkSocketPath(socketPath);
  const server = await listen(socketPath);
  try {
    const app = await startApp(binary, socketPath);
    const connection = await connectionOf(server, app, binary);
    return await newsOf(connection, app, wish, onNews);
  } finally {
    server.close();
    rmSync(socketPath, { force: true });
  }
}

async function listen(socketPath: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(new Error(`cannot listen on ${socketPath}: ${whyOf(cause)}`, { cause })));
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return server;
}

interface StartedApp {
  child: ChildProcess;
  /** Resolves when it has ended: how, and what it said last. */
  ended: Promise<{ how: string; code: number | null; said: string }>;
}

/** In a session of its own: ctrl-c here does not end it in the middle of an update. */
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
    child.once("error", (error) => resolve({ how: `could not be started: ${whyOf(error)}`, code: null, said: "" }));
    child.once("exit", (code, signal) =>
      // What it said last may still be on its way.
      setImmediate(() => resolve({ how: `ended with ${signal ?? `exit ${code}`}`, code, said: lastLine(said) })),
    );
  });
  child.unref();
  return { child, ended };
}

/** An app that ends with 0 has handed the wish to the one that runs. */
function connectionOf(server: Server, { ended }: StartedApp, binary: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const late = afterAwake(START_BOUND_MS, () =>
      reject(
        new Error(
          `${binary} did not answer within ${START_BOUND_MS / 1000} s; is an older version of the app running?`,
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

function newsOf(
  socket: Socket,
  { ended }: StartedApp,
  wish: UpdateWish,
  onNews: (news: UpdateNews) => void,
): Promise<UpdateResult> {
  return new Promise((resolve, reject) => {
    const silent = afterAwake(NEWS_BOUND_MS, () => {
      reject(new Error(`the app has said nothing for ${NEWS_BOUND_MS / 1000} s`));
      socket.destroy();
    });
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => {
      silent.restart();
      const news = parseNews(line);
      if (!news) return;
      if (isUpdateResult(news)) resolve(news);
      else onNews(news);
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      silent.stop();
      // Too late to matter where there was a result.
      const said = Promise.race([ended.then((end) => end.said), delay(LAST_WORDS_MS, "")]);
      void said.then((text) =>
        reject(
          new Error(`the app ended before the update did${text === "" ? "" : `: ${text}`}; run the command again`),
        ),
      );
    });
    socket.write(`${JSON.stringify(wish)}\n`);
  });
}

/** Chromium's own remarks come before what matters. */
function lastLine(text: string): string {
  return printable(text.trim().split("\n").at(-1) ?? "");
}
