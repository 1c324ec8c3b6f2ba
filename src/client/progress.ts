import { afterAwake } from "../wire/awake.js";
import type { Identity, Installed } from "../version/identity.js";
import type { StopStep } from "./stop/escalate.js";
import { durationText, exactDurationText } from "../text/duration.js";

/** What a client that starts, restarts or stops a daemon reports meanwhile. */
export type Progress =
  | { kind: "notice"; notice: "daemon-newer" | "daemon-differs"; daemon: Identity; installed: Installed }
  | { kind: "restarting"; why: string; prev: string; prevPid: number | undefined; now: string; root: string }
  | { kind: "starting"; now: string; root: string }
  | { kind: "stopping"; step: StopStep }
  /** A wait has lasted for SLOW_AFTER_MS. `what` is waited for, at most for `boundMs`; `holder` keeps it, if known. */
  | { kind: "waiting"; what: string; holder: string | undefined; boundMs: number }
  | { kind: "warning"; text: string };

/** A wait that is longer than this, ms, is reported. */
const SLOW_AFTER_MS = 1_000;

/** Reports once what is waited for, if the wait outlasts SLOW_AFTER_MS. */
export function reportIfSlow(report: () => void): Disposable {
  const timer = afterAwake(SLOW_AFTER_MS, report);
  return { [Symbol.dispose]: () => timer.stop() };
}

/**
 * One line for the user's terminal, without a newline; `name` is the program that speaks.
 *
 * @example
 * ```ts
 * progressText(progress, "notes"); // notes: starting the daemon 1.2.0 from /opt/notesd
 * ```
 */
export function progressText(progress: Progress, name: string): string {
  switch (progress.kind) {
    case "notice":
      return noticeText(progress, name);
    case "restarting": {
      const pid = progress.prevPid === undefined ? "" : `, PID ${progress.prevPid}`;
      return `${name}: restarting the daemon (${progress.why}): was ${progress.prev || "of unknown version"}${pid}, now ${progress.now} from ${progress.root}`;
    }
    case "starting":
      return `${name}: starting the daemon ${progress.now} from ${progress.root}`;
    case "stopping":
      return stepText(progress.step, name);
    case "waiting": {
      const holder = progress.holder === undefined ? "" : ` (held by ${progress.holder})`;
      return `${name}: waiting for ${progress.what}${holder}, at most ${durationText(progress.boundMs)}`;
    }
    case "warning":
      return `${name}: ${progress.text}`;
  }
}

function noticeText({ notice, daemon, installed }: Extract<Progress, { kind: "notice" }>, name: string): string {
  const where = daemon.installRoot === undefined ? "" : ` of ${daemon.installRoot}`;
  const mine = `${installed.version} in ${installed.root}`;
  return notice === "daemon-newer"
    ? `${name}: the daemon is ${daemon.version}${where}, newer than this installation (${mine}); using it. Upgrade this installation to match.`
    : `${name}: the daemon is ${daemon.version}${where}, a different build from this installation (${mine}); using it.`;
}

function stepText(step: StopStep, name: string): string {
  const who = step.pid === undefined ? "the daemon" : `the daemon (PID ${step.pid})`;
  const bound = `${exactDurationText(step.boundMs)}`;
  switch (step.step) {
    case "asked":
      return `${name}: asked ${who} to stop; it has ${bound}`;
    case "sigterm":
      return `${name}: sent SIGTERM to ${who}; it has ${bound}`;
    case "sigkill":
      return `${name}: sent SIGKILL to ${who}; it has ${bound} to be gone`;
  }
}
