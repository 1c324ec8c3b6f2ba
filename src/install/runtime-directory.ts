import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

import { MOVED_ASIDE } from "./own-binary.js";
import type { Source, StagingFacts } from "./decide-staging.js";

/** Where the runtime lies that an AppImage's daemon and command line run from. */
export interface RuntimePaths {
  /** Lockstep's data directory. */
  home: string;
  /** What is staged: the same path for every version, so that it is one installation. */
  runtime: string;
  /** What is being copied, and for a moment what it replaced. */
  fresh: string;
  /** Held by the app that stages. */
  lock: string;
}

/** What `source.json` in the runtime says: where it came from, and how large each of its files is. */
export interface SourceFile extends Source {
  files: Record<string, number>;
}

/** By the XDG Base Directory Specification, which has relative paths ignored. */
export function runtimePaths(env: NodeJS.ProcessEnv): RuntimePaths {
  const data = env["XDG_DATA_HOME"];
  const base = data && isAbsolute(data) ? data : join(env["HOME"] || homedir(), ".local/share");
  const home = join(base, "lockstep");
  return {
    home,
    runtime: join(home, "runtime"),
    fresh: join(home, `runtime${MOVED_ASIDE}`),
    lock: join(home, "runtime.lock"),
  };
}

/** Undefined when nothing is staged. A file that is missing or was cut makes it incomplete. */
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

/** By temporary file and rename: whoever reads it meanwhile reads the one or the other. */
export function writeSource(runtime: string, source: SourceFile): void {
  const file = join(runtime, "source.json");
  writeFileSync(`${file}.new`, `${JSON.stringify(source, undefined, 2)}\n`, { flush: true });
  renameSync(`${file}.new`, file);
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
