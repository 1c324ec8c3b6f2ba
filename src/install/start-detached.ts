import type { ChildProcess } from "node:child_process";
import { sealDescriptors } from "../state/platform/libc.js";
import { withoutAppImage } from "./appimage-environment.js";

/**
 * Starts a program that outlives this one: in a session of its own, with none of our descriptors, and without the
 * AppImage's variables in its environment. Rejects if the program cannot be run.
 */
export async function startDetached(file: string, args: readonly string[]): Promise<ChildProcess> {
  const { spawn } = await import("node:child_process");
  const sealed = sealDescriptors();
  const child = spawn(file, args, { cwd: "/", env: withoutAppImage(process.env), detached: true, stdio: "ignore" });
  sealed[Symbol.dispose]();
  child.unref();
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(new Error(`cannot start ${file}: ${cause.message}`, { cause })));
  });
  return child;
}
