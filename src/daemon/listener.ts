import { chmodSync, lstatSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { checkSocketPath, type StatePaths } from "../state/directory.js";
import { unlinkOwnSocket } from "../state/identity-files.js";

/** Connections that wait to be accepted. With Node's 511 a stalled daemon turned every fourth of 700 clients away. */
const BACKLOG = 4_096;

export interface Listener {
  /** Is the socket at its path still the one that we listen on? */
  stillInPlace(): boolean;
  /** No further connections; those that are open go on. */
  stopAccepting(): void;
  /** Removes the socket from its path, if it is still ours. */
  unlink(): void;
}

/**
 * Listens on the daemon's socket. It is bound under a temporary name and renamed into place: so it appears whole and
 * with its mode set, takes a dead daemon's place without a gap, and `Server.close`, which unlinks the path that was
 * bound whoever owns it by then, can never remove a successor's socket.
 */
export function listen(
  paths: StatePaths,
  onConnection: (socket: Socket) => void,
  onError: (error: Error) => void,
): Promise<Listener> {
  const boundAs = join(paths.dir, `s.${process.pid}`);
  checkSocketPath(boundAs);
  rmSync(boundAs, { force: true });
  const server = createServer(onConnection);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: boundAs, backlog: BACKLOG }, () => {
      server.removeListener("error", reject);
      // Such as EMFILE in accept: the listener lives on, and the next connection may find a free descriptor.
      server.on("error", onError);
      chmodSync(boundAs, 0o600);
      const inode = lstatSync(boundAs, { bigint: true }).ino;
      renameSync(boundAs, paths.socket);
      resolve(listenerOf(server, paths.socket, inode));
    });
  });
}

function listenerOf(server: Server, path: string, inode: bigint): Listener {
  return {
    stillInPlace: () => lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino === inode,
    stopAccepting: () => server.close(),
    unlink: () => unlinkOwnSocket(path, inode),
  };
}
