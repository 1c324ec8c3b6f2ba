import { readFileSync } from "node:fs";

/** Linux: the text of a file below /proc; undefined if it cannot be read. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return undefined;
  }
}

/** macOS has no /proc: what a system program prints; undefined if it fails, prints nothing or takes over 2 s. */
export function runBriefly(command: string, args: string[]): string | undefined {
  // Not imported, since the warm path must not load node:child_process.
  const { status, stdout } = process.getBuiltinModule("node:child_process").spawnSync(command, args, {
    encoding: "utf8",
    timeout: 2_000,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const text = status === 0 ? stdout.trim() : "";
  return text === "" ? undefined : text;
}
