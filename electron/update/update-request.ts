import { realpathSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { app } from "electron";
import {
  parseUpdateRequest,
  UPDATE_FLAG,
  type UpdateEvent,
  type UpdateResult,
  type UpdateRequest,
} from "../../src/install/update-protocol.js";
import type { UpdateState } from "../model/app-state.js";
import { ownFile } from "./update-target.js";
import type { Updates } from "./updates.js";

/** The command line sends its request as soon as it is connected, ms. */
const REQUEST_BOUND_MS = 5_000;

/** The socket of the command line that started this app to be updated, if that is why it was started. */
export function updateSocket(argv: readonly string[]): string | undefined {
  return argv.find((arg) => arg.startsWith(UPDATE_FLAG))?.slice(UPDATE_FLAG.length);
}

/**
 * Carries out the request of the command line at the other end of `socketPath` and reports progress to it. `relaunch`:
 * whether this app is in use and has to be started again after an update. Resolves to true if the app was replaced and
 * has to quit. Never rejects.
 */
export async function answerUpdateRequest(
  socketPath: string,
  updates: Updates,
  relaunch: () => boolean,
  stage: () => Promise<void>,
): Promise<boolean> {
  const socket = connect(socketPath);
  // The command line may be interrupted at any moment; an update that has begun is finished anyway.
  socket.on("error", (error) => console.error(`the command line that asked for an update is gone: ${error.message}`));
  const send = (event: UpdateEvent): void => void (socket.writable && socket.write(`${JSON.stringify(event)}\n`));
  try {
    const carryOut = {
      check: () => check(updates, send),
      update: () => update(updates, relaunch, send),
      stage: () => stage().then((): UpdateResult => ({ is: "up-to-date", version: app.getVersion() })),
    };
    const request = await readRequest(socket);
    requireOwn(request);
    const result = await carryOut[request.want]();
    send(result);
    return result.is === "updated";
  } catch (error) {
    send({ is: "failed", error: (error as Error).message });
    return false;
  } finally {
    await ended(socket);
  }
}

function readRequest(socket: Socket): Promise<UpdateRequest> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: socket });
    const late = setTimeout(() => reject(new Error("the command line sent no request")), REQUEST_BOUND_MS);
    lines.once("line", (line) => {
      clearTimeout(late);
      lines.removeAllListeners("close");
      const request = parseUpdateRequest(line);
      if (request) resolve(request);
      else reject(new Error("the app does not understand the request; is the command line of another version?"));
    });
    // It passes on the errors of the socket, and throws them if there is no listener.
    lines.once("error", reject);
    lines.once("close", () => {
      clearTimeout(late);
      reject(new Error("the command line is gone"));
    });
  });
}

/** Otherwise the command line would report the update of one app, and another one would have been updated. */
function requireOwn({ app: asked }: UpdateRequest): void {
  const own = ownFile(app);
  if (asked === undefined || real(asked) === real(own)) return;
  throw new Error(`another Lockstep is running (${own}), and only one can: quit it, and run the command again`);
}

/** An AppImage that was moved away keeps its name. */
function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

async function check(updates: Updates, send: (event: UpdateEvent) => void): Promise<UpdateResult> {
  if (updates.state.is === "off") return { is: "off", why: updates.state.why };
  send({ is: "checking" });
  const version = await updates.check();
  const from = app.getVersion();
  return version === undefined ? { is: "up-to-date", version: from } : { is: "available", from, version };
}

async function update(
  updates: Updates,
  relaunch: () => boolean,
  send: (event: UpdateEvent) => void,
): Promise<UpdateResult> {
  const from = app.getVersion();
  const ignore = updates.onChange((state) => {
    if (state.is === "checking" || state.is === "downloading") send(state);
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
      send({ is: "installing", version: state.version });
      const relaunched = relaunch();
      const file = await updates.install(relaunched);
      return { is: "updated", from, version: state.version, relaunched, file };
    }
    case "idle":
    case "checking":
    case "downloading":
      return { is: "up-to-date", version: from };
  }
}

/** Resolves when everything written has been sent, or the other end is gone. */
function ended(socket: Socket): Promise<void> {
  return new Promise((done) => {
    if (socket.destroyed) return done();
    socket.once("close", () => done());
    socket.end(() => socket.destroy());
  });
}
