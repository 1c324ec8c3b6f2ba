import { createConnection, type Socket } from "node:net";

import { checkSocketPath } from "../../state/directory.js";
import { fileErrorText } from "../../state/file-error.js";
import { deadline } from "../../wire/deadline.js";
import { jittered } from "./jittered.js";

/** The socket exists and cannot be used, which starting a daemon would not fix. */
export class ConnectError extends Error {}

/** A full accept queue (EAGAIN) is a busy daemon: it is tried again for this long, with this pause in between, ms. */
const BUSY_BOUND_MS = 5_000;
const BUSY_PAUSE_MS = 15;

/**
 * Connects to the daemon's socket. "no-listener": ENOENT or ECONNREFUSED. "busy": its accept queue stayed full
 * for five seconds. Every other error is thrown as a ConnectError. `signal` ends the wait for a busy daemon.
 */
export async function connectSocket(path: string, signal?: AbortSignal): Promise<Socket | "no-listener" | "busy"> {
  checkSocketPath(path);
  signal?.throwIfAborted();
  const first = await connectOnce(path);
  return first === "busy" ? connectToBusy(path, signal) : first;
}

async function connectToBusy(path: string, signal: AbortSignal | undefined): Promise<Socket | "no-listener" | "busy"> {
  using bound = deadline("room in the daemon's accept queue", BUSY_BOUND_MS, signal);
  while (!bound.passed) {
    await bound.pause(jittered(BUSY_PAUSE_MS));
    const outcome = await connectOnce(path);
    if (outcome !== "busy") return outcome;
  }
  return "busy";
}

/** Connects without waiting. "busy": the accept queue is full. Throws ConnectError. */
export function connectOnce(path: string): Promise<Socket | "no-listener" | "busy"> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      switch (error.code) {
        case "ENOENT":
        case "ECONNREFUSED":
          resolve("no-listener");
          break;
        case "EAGAIN":
          resolve("busy");
          break;
        case "ECONNRESET":
        case "EPIPE":
          // The daemon closed its socket while this connection was in the accept queue.
          resolve("no-listener");
          break;
        default:
          reject(new ConnectError(`cannot connect to ${path}: ${fileErrorText(error)}`, { cause: error }));
      }
    });
  });
}
