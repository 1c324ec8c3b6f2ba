import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The programs on PATH with that name as real paths, each once; the first is the one that would run. */
export function findOnPath(command: string, env: NodeJS.ProcessEnv): string[] {
  const candidates = command.includes("/")
    ? [command]
    : (env["PATH"] ?? "").split(delimiter).map((dir) => join(dir === "" ? "." : dir, command));
  return [...new Set(candidates.flatMap(realProgram))];
}

function realProgram(path: string): string[] {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? [realpathSync(path)] : [];
  } catch {
    return [];
  }
}
