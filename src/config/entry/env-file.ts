import { isAbsolute, join } from "node:path";
import { parseEnv } from "node:util";

import type { Node } from "jsonc-parser";

import type { EntryReader } from "./reader.js";

/**
 * The variables in the `.env` file that an entry names, in the form that Node's `--env-file` reads. A relative path
 * starts at `cwd`, or at the directory of `servers.json`. A file that can't be read makes the entry invalid, since its
 * server would start without its keys.
 */
export function readEnvFile(
  node: Node | undefined,
  cwd: string | undefined,
  reader: EntryReader,
): Record<string, string> {
  if (node === undefined) return {};
  const named = reader.text(node, "envFile");
  if (named === undefined) return {};
  const { directory, readEnvFile: read } = reader.context;
  const path = envFilePath(named, cwd, directory);
  try {
    return parseEnvFile(read(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    reader.error(
      node,
      "envFile",
      code === "ENOENT" ? `${path} does not exist` : `${path} can't be read (${code ?? String(error)})`,
    );
    return {};
  }
}

/** Where an `envFile` is: a relative path starts at `cwd`, or at the directory of `servers.json`. */
export function envFilePath(named: string, cwd: string | undefined, directory: string): string {
  return isAbsolute(named) ? named : join(cwd ?? directory, named);
}

export function parseEnvFile(text: string): Record<string, string> {
  return parseEnv(text.replace(/^\uFEFF/, "")) as Record<string, string>;
}
