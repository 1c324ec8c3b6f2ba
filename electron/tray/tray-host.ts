import { execFile } from "node:child_process";

const ANSWER_WITHIN_MS = 2_000;
const WATCHER = "org.kde.StatusNotifierWatcher";

/**
 * Whether this desktop shows tray icons: on Linux the program that does owns a name on the session bus. Asked once. If
 * neither gdbus nor dbus-send is installed, the answer is yes, and on a desktop without tray icons the app is then
 * reached by starting it again only.
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

/** Undefined if the program does not exist; empty if it fails, as it does without a session bus. */
function output(program: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: ANSWER_WITHIN_MS }, (error, stdout) => {
      resolve((error as NodeJS.ErrnoException | null)?.code === "ENOENT" ? undefined : stdout);
    });
  });
}
