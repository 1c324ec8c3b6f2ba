import { execFile } from "node:child_process";

const ANSWER_WITHIN_MS = 2_000;
const WATCHER = "org.kde.StatusNotifierWatcher";

/**
 * Does this desktop show tray icons? On Linux whoever does owns a name on the session bus. Where no program is there to
 * ask with, the answer is yes: an icon that nobody shows does no harm.
 */
export async function desktopShowsTray(): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const call = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner"] as const;
  const [destination, path, method] = call;
  const viaGlib = ["call", "--session", "-d", destination, "-o", path, "-m", method, WATCHER];
  const viaDbus = ["--session", "--print-reply=literal", `--dest=${destination}`, path, method, `string:${WATCHER}`];
  const answer = (await output("gdbus", viaGlib)) ?? (await output("dbus-send", viaDbus));
  return answer === undefined || answer.includes("true");
}

/** Undefined where the program does not exist; nothing where it fails, since there is no bus then. */
function output(program: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: ANSWER_WITHIN_MS }, (error, stdout) => {
      resolve((error as NodeJS.ErrnoException | null)?.code === "ENOENT" ? undefined : stdout);
    });
  });
}
