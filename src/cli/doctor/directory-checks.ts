import { accessSync, constants, existsSync, readdirSync, statSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";

import { checkDirectory, checkSocketPath } from "../../state/directory.js";
import { fileErrorText } from "../../state/file-error.js";
import { LOG_KEEP, logFile } from "../../log/files.js";
import { bytesText } from "../../text/bytes.js";
import { counted } from "../../text/count.js";
import type { Check, DoctorContext } from "./check.js";

const LEAST_FREE_BYTES = 64 * 1024 * 1024;
/** The daemon rotates its log at 5 MiB, so a much larger file means that rotation failed. */
const LARGEST_LOG_BYTES = 20 * 1024 * 1024;

export function directoryChecks({ spec, report }: DoctorContext): Check[] {
  const { dir, socket } = spec.paths;
  checkSocketPath(socket);
  if (!checkDirectory(spec.paths)) return [missingDirectory(dir)];
  return [
    writable(dir, `${dir}, mode ${modeOf(dir)}, socket path ${Buffer.byteLength(socket)} bytes`),
    freeSpace(dir),
    logSize(spec.paths.log),
    ...leftovers(dir, report?.state === "stopped"),
    ...readableConfiguration(spec.paths.servers, dir),
  ];
}

function missingDirectory(dir: string): Check {
  let parent = dirname(dir);
  while (!existsSync(parent)) parent = dirname(parent);
  return writable(parent, `${dir} does not exist yet; the first start creates it`);
}

function writable(dir: string, found: string): Check {
  const what = "state directory";
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    return { what, status: "ok", found };
  } catch (error) {
    return {
      what,
      status: "problem",
      found: `${dir} is not writable: ${fileErrorText(error)}`,
      fix: `chmod u+rwx "${dir}"`,
    };
  }
}

function freeSpace(dir: string): Check {
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  const found = `${bytesText(free)} free`;
  if (free >= LEAST_FREE_BYTES) return { what: "disk", status: "ok", found };
  return { what: "disk", status: "problem", found, fix: `free some space on the disk of ${dir}` };
}

function logSize(log: string): Check {
  const sizes = Array.from({ length: LOG_KEEP + 1 }, (_, age) => sizeOf(logFile(log, age)));
  const found = `${bytesText(sizes.reduce((sum, size) => sum + size, 0))} in ${counted(sizes.filter((size) => size > 0).length, "file")}`;
  if ((sizes[0] ?? 0) <= LARGEST_LOG_BYTES) return { what: "log", status: "ok", found };
  const fix = `find out what fills it (lockstep logs), then: lockstep restart`;
  return { what: "log", status: "problem", found: `${found}; ${log} is not rotated`, fix };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Files left by a killed daemon. The next start cleans up, so this is only a note. */
function leftovers(dir: string, stopped: boolean): Check[] {
  const names = readdirSync(dir);
  const checks: Check[] = [];
  const stale = stopped ? names.filter((name) => STALE.includes(name)) : [];
  if (stale.length > 0) {
    const fix = "none needed: lockstep start replaces them and ends hosted servers that were left running";
    checks.push({
      what: "stale files",
      status: "note",
      found: `${stale.join(", ")}: left by a killed daemon`,
      fix,
    });
  }
  const temporary = names.filter((name) =>
    /^(serve\.pid|serve\.json|children\.json|servers\.json)\.\d+(\.tmp)?$/.test(name),
  );
  if (temporary.length > 0) {
    const fix = `rm ${temporary.map((name) => `"${join(dir, name)}"`).join(" ")}`;
    checks.push({
      what: "stale files",
      status: "note",
      found: `${temporary.join(", ")}: left by an interrupted write`,
      fix,
    });
  }
  if (checks.length === 0) checks.push({ what: "stale files", status: "ok", found: "none" });
  return checks;
}

const STALE = ["serve.sock", "serve.pid", "serve.json", "children.json"];

/** `servers.json` may contain secrets. */
function readableConfiguration(file: string, dir: string): Check[] {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o044) === 0 || (statSync(dir).mode & 0o011) === 0) return [];
  return [
    {
      what: "servers.json",
      status: "problem",
      found: "other users can read it, and it may contain secrets",
      fix: `chmod 600 "${file}"`,
    },
  ];
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
