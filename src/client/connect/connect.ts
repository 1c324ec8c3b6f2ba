import { createConnection, type Socket } from "node:net";

import { checkSocketPath, whyOf } from "../../state/directory.js";

/** The socket exists and cannot be used: not "no daemon", and nothing that a start would mend. */
export class ConnectError extends Error {}

/** A full accept queue (EAGAIN) is a busy daemon: try again for this long, ms, in short jittered steps. */
const BUSY_BOUND_MS = 5_000;
const BUSY_STEP_MS = 10;

/**
 * Connects to the daemon's socket. "absent": nobody listens (ENOENT, ECONNREFUSED). "busy": its accept queue stayed full
 * all the time. Every other error is a ConnectError of its own.
 */
export async function connectToDaemon(path: string): Promise<Socket | "absent" | "busy"> {
  checkSocketPath(path);
  for (let waited = 0; waited < BUSY_BOUND_MS;) {
    const outcome = await connectOnce(path);
    if (outcome !== "busy") return outcome;
    const step = BUSY_STEP_MS * (1 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, step));
    waited += step;
  }
  return "busy";
}

function connectOnce(path: string): Promise<Socket | "absent" | "busy"> {
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
          resolve("absent");
          break;
        case "EAGAIN":
          resolve("busy");
          break;
        case "ECONNRESET":
        case "EPIPE":
          // It was closed while we stood in its queue: whoever closed it no longer listens.
          resolve("absent");
          break;
        default:
          reject(new ConnectError(`cannot connect to ${path}: ${whyOf(error)}`, { cause: error }));
      }
    });
  });
}
