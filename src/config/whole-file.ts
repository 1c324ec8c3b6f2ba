import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { dirname, resolve } from "node:path";

export function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Writes by temporary file, fsync and rename, so that a crash leaves the old text or the new. A symbolic link stays one,
 * and a file keeps its mode and owner; a new one is private (0600).
 */
export function writeFileSafely(path: string, text: string): void {
  const target = targetOf(path);
  const before = statSync(target, { throwIfNoEntry: false });
  const temporary = `${target}.${process.pid}.tmp`;
  // Left behind by a crashed process that had this PID.
  rmSync(temporary, { force: true });
  try {
    const fd = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(fd, text);
      if (before) keepOwnerAndMode(fd, before);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function keepOwnerAndMode(fd: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(fd, uid, gid);
  } catch {
    // Only root may give a file to another user.
  }
  fchmodSync(fd, mode & 0o7777);
}

/** Where links lead, also if nothing is there yet. */
function targetOf(path: string): string {
  let target = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    try {
      return realpathSync(target);
    } catch {
      // Missing, or a link whose target is missing.
    }
    try {
      target = resolve(dirname(target), readlinkSync(target));
    } catch {
      return target;
    }
  }
  throw new Error(`${path} is a link that leads to itself`);
}

const MOST_LINKS = 40;
