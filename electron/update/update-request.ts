import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { app } from "electron";
import {
  parseWish,
  UPDATE_FLAG,
  type UpdateNews,
  type UpdateResult,
  type UpdateWish,
} from "../../src/install/update-protocol.js";
import type { UpdateState } from "../model/app-state.js";
import type { Updates } from "./updates.js";

/** A command line that wants something says it at once, ms. */
const WISH_BOUND_MS = 5_000;

/** The socket of the command line that started this app to be updated, if that is why it was started. */
export function updateSocket(argv: readonly string[]): string | undefined {
  return argv.find((arg) => arg.startsWith(UPDATE_FLAG))?.slice(UPDATE_FLAG.length);
}

/**
 * Does what the command line at the other end of `socketPath` wishes, and tells it how it goes. `relaunch`: this app
 * was there before, so it is to be there again. True: it was replaced, and has to quit. Never rejects.
 */
export async function answerUpdateRequest(
  socketPath: string,
  updates: Updates,
  relaunch: () => boolean,
  settle: () => Promise<void>,
): Promise<boolean> {
  const socket = connect(socketPath);
  // The command line may be ended at any moment; what was begun is brought to its end all the same.
  socket.on("error", (error) => console.error(`the command line that asked for an update is gone: ${error.message}`));
  const say = (news: UpdateNews): void => void (socket.writable && socket.write(`${JSON.stringify(news)}\n`));
  try {
    const carryOut = {
      check: () => look(updates, say),
      update: () => update(updates, relaunch, say),
      settle: () => settle().then((): UpdateResult => ({ is: "up-to-date", version: app.getVersion() })),
    };
    const { want } = await readWish(socket);
    const result = await carryOut[want]();
    say(result);
    return result.is === "updated";
  } catch (error) {
    say({ is: "failed", error: (error as Error).message });
    return false;
  } finally {
    await ended(socket);
  }
}

function readWish(socket: Socket): Promise<UpdateWish> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: socket });
    const late = setTimeout(() => reject(new Error("it was not said what to do")), WISH_BOUND_MS);
    lines.once("line", (line) => {
      clearTimeout(late);
      lines.removeAllListeners("close");
      const wish = parseWish(line);
      if (wish) resolve(wish);
      else reject(new Error("this app does not understand what to do; is the command line of another version?"));
    });
    lines.once("close", () => {
      clearTimeout(late);
      reject(new Error("the command line is gone"));
    });
  });
}

async function look(updates: Updates, say: (news: UpdateNews) => void): Promise<UpdateResult> {
  if (updates.state.is === "off") return { is: "off", why: updates.state.why };
  say({ is: "checking" });
  const version = await updates.look();
  const from = app.getVersion();
  return version === undefined ? { is: "up-to-date", version: from } : { is: "available", from, version };
}

async function update(
  updates: Updates,
  relaunch: () => boolean,
  say: (news: UpdateNews) => void,
): Promise<UpdateResult> {
  const from = app.getVersion();
  const ignore = updates.onChange((state) => {
    if (state.is === "checking" || state.is === "downloading") say(state);
  });
  let state: UpdateState;
  try {
    state = await updates.run();
  } finally {
    ignore();
  }
  switch (state.is) {
    case "off":
      return state;
    case "failed":
      return { is: "failed", error: state.error };
    case "ready": {
      say({ is: "installing", version: state.version });
      const relaunched = relaunch();
      const file = updates.install(relaunched);
      return { is: "updated", from, version: state.version, relaunched, file };
    }
    case "idle":
    case "checking":
    case "downloading":
      return { is: "up-to-date", version: from };
  }
}

/** What was written has gone out, or nobody reads it any more. */
function ended(socket: Socket): Promise<void> {
  return new Promise((done) => {
    if (socket.destroyed) return done();
    socket.once("close", () => done());
    socket.end(() => socket.destroy());
  });
}
