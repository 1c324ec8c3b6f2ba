import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

import { homeOfUser } from "../state/user-entry.js";
import { MOVED_ASIDE } from "./own-binary.js";
import type { Source, StagingFacts } from "./decide-staging.js";

/** The paths of the runtime from which an AppImage's daemon and command line run. */
export interface RuntimePaths {
  /** Lockstep's data directory. */
  home: string;
  /** The staged runtime: the same path for every version, so that all are one installation. */
  runtime: string;
  /** The copy in progress and, for a moment after the exchange, the old runtime. */
  fresh: string;
  /** The lock file of the app that is staging. */
  lock: string;
}

/** The content of `source.json` in the runtime: where the files came from, and the size of each. */
export interface SourceFile extends Source {
  files: Record<string, number>;
}

/** Follows the XDG Base Directory Specification, by which relative paths are ignored. */
export function runtimePaths(env: NodeJS.ProcessEnv): RuntimePaths {
  const data = env["XDG_DATA_HOME"];
  const base = data && isAbsolute(data) ? data : join(homeOfUser(env), ".local/share");
  const home = join(base, "lockstep");
  return {
    home,
    runtime: join(home, "runtime"),
    fresh: join(home, `runtime${MOVED_ASIDE}`),
    lock: join(home, "runtime.lock"),
  };
}

/** What is staged; undefined if nothing is. A missing or truncated file makes it incomplete. */
export function readStaged({ runtime }: RuntimePaths): StagingFacts["staged"] {
  const source = readSource(runtime);
  if (!source) return undefined;
  const { version, buildId, appImage, files } = source;
  const complete = Object.entries(files).every(([file, size]) => sizeOf(join(runtime, file)) === size);
  return { version, buildId, appImage, complete, appImageExists: existsSync(appImage) };
}

export function readSource(runtime: string): SourceFile | undefined {
  try {
    const fields = JSON.parse(readFileSync(join(runtime, "source.json"), "utf8")) as Partial<
      Record<keyof SourceFile, unknown>
    >;
    const { version, buildId, appImage, files } = fields;
    const isText = (value: unknown): value is string => typeof value === "string";
    if (!isText(version) || !isText(buildId) || !isText(appImage)) return undefined;
    if (typeof files !== "object" || files === null) return undefined;
    return { version, buildId, appImage, files: files as Record<string, number> };
  } catch {
    return undefined;
  }
}

/** By temporary file and rename, so that a concurrent reader gets the old content or the new. */
export function writeSource(runtime: string, source: SourceFile): void {
  const file = join(runtime, "source.json");
  // Left by a crash, perhaps with other permissions.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(source, undefined, 2)}\n`, { flush: true, mode: 0o644 });
  renameSync(`${file}.new`, file);
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
