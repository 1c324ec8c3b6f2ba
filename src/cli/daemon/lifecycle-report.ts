import { progressText, type Progress } from "../../client/progress.js";
import type { Terminal } from "../terminal/terminal.js";

/**
 * Reports on stderr what the lifecycle does. A restart is reported even with --quiet, since it affects other clients.
 * `starts`: also report a start, for commands that were asked for one.
 */
export function lifecycleReport(terminal: Terminal, { starts }: { starts: boolean }): (progress: Progress) => void {
  return (progress) => {
    const text = progressText(progress, "lockstep");
    if (progress.kind === "restarting") terminal.insist(text);
    else if (progress.kind !== "starting" || starts) terminal.say(text);
  };
}
