import { progressText, type Progress } from "../../client/progress.js";
import type { Terminal } from "../terminal/terminal.js";

/**
 * Tells the user on stderr what the lifecycle does. A restart is told in any case, since it may be felt by others.
 * `starts`: the user asked for a start, so it is worth a line; elsewhere a daemon just is there.
 */
export function lifecycleReport(terminal: Terminal, { starts }: { starts: boolean }): (progress: Progress) => void {
  return (progress) => {
    const text = progressText(progress, "lockstep");
    if (progress.kind === "restarting") terminal.insist(text);
    else if (progress.kind !== "starting" || starts) terminal.say(text);
  };
}
