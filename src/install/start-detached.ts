import { closeDescriptorsOnExec } from "../state/platform/libc.js";
import { withoutAppImage } from "./appimage-environment.js";

/**
 * Starts a program that takes this one's place: in a session of its own, with no descriptor of ours, and nothing of the
 * AppImage that we may run from in its environment. For a program that is about to end, since descriptors that it meant
 * to hand on stay closed from now on. Rejects when it cannot be run.
 */
export async function startDetached(file: string, args: readonly string[]): Promise<void> {
  const { spawn } = await import("node:child_process");
  closeDescriptorsOnExec();
  const child = spawn(file, args, { cwd: "/", env: withoutAppImage(process.env), detached: true, stdio: "ignore" });
  child.unref();
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(new Error(`cannot start ${file}: ${cause.message}`, { cause })));
  });
}
