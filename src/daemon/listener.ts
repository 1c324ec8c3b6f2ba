import { chmodSync, lstatSync, renameSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";

import { checkSocketPath, DirectoryError, type StatePaths } from "../state/directory.js";
import { fileErrorText } from "../state/file-error.js";

/** Connections that wait for accept. With Node's default of 511 a stalled daemon refused every fourth of 700 clients. */
const BACKLOG = 4_096;

export interface Listener {
  /** Tells the socket from another daemon's at the same path. */
  readonly socketInode: bigint;
  /** No further connections; open ones go on. */
  stopAccepting(): void;
}

/**
 * Listens on the daemon's socket. It is bound under a temporary name and renamed into place. So it appears complete and
 * with its mode set, replaces a dead daemon's socket without a gap, and `Server.close`, which removes the path that was
 * bound without asking whose it is by then, can never remove a successor's socket. Rejects if it cannot bind or if the
 * path is taken by something that cannot be replaced.
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
    // It is bound in here, and would be open to others until its mode is set.
    const mask = process.umask(0o177);
    server.listen({ path: boundAs, backlog: BACKLOG }, () => {
      server.removeListener("error", reject);
      // For instance EMFILE in accept: the listener stays open, and a descriptor may be free for the next connection.
      server.on("error", onError);
      try {
        const socketInode = putInPlace(boundAs, paths.socket);
        resolve({ socketInode, stopAccepting: () => server.close() });
      } catch (error) {
        server.close();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    process.umask(mask);
  });
}

/** Renames the bound socket. Returns its inode; throws DirectoryError. */
function putInPlace(boundAs: string, path: string): bigint {
  try {
    chmodSync(boundAs, 0o600);
    const { ino } = lstatSync(boundAs, { bigint: true });
    renameSync(boundAs, path);
    return ino;
  } catch (cause) {
    rmSync(boundAs, { force: true });
    const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    const why = isDirectory ? "it is a directory: remove it" : fileErrorText(cause);
    throw new DirectoryError(`cannot put the daemon's socket at ${path}: ${why}`, { cause });
  }
}
