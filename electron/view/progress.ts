import type { Progress } from "../../src/client/progress.js";
import type { AppFacts } from "../model/app-state.js";
import { liveOf, type DaemonRecord } from "../model/daemon/daemon-state.js";
import type { ProgressView } from "./window-view.js";
import { counted } from "../../src/text/count.js";
import { actor } from "./actor.js";

/** The operation under way: what it waits for, and for how long at most. */
export function progressOf(record: DaemonRecord, app: AppFacts): ProgressView | undefined {
  const { state, operation } = record;
  const newest =
    state.is === "draining" && (operation?.progress?.at ?? 0) <= state.since ? undefined : operation?.progress;
  const step = newest && stepOf(newest.what, newest.at, app);
  if (step) return step;
  if (state.is === "draining") {
    const calls = liveOf(state)?.facts?.inFlight ?? 0;
    const text = calls > 0 ? `${counted(calls, "running call")} may still finish` : "Closing connections and servers";
    return { text, since: state.since, until: state.draining.deadlineMs };
  }
  if (operation) {
    const text = {
      start: "Starting the daemon",
      restart: "Asking the daemon to stop",
      stop: "Asking the daemon to stop",
    };
    return { text: text[operation.kind], since: operation.since, until: undefined };
  }
  if (state.is === "starting") return { text: "Waiting for its first response", since: state.since, until: undefined };
  return undefined;
}

function stepOf(what: Progress, at: number, app: AppFacts): ProgressView | undefined {
  switch (what.kind) {
    case "starting":
      return { text: `Starting ${what.now}`, since: at, until: undefined };
    case "restarting": {
      const pid = what.prevPid === undefined ? "the old daemon" : `PID ${what.prevPid}`;
      return { text: `Ending ${pid}, then starting ${what.now}`, since: at, until: undefined };
    }
    case "stopping": {
      const { step, pid, boundMs } = what.step;
      const who = pid === undefined ? "the daemon" : `PID ${pid}`;
      const text = {
        asked: `Asked ${who} to stop; running calls may finish`,
        sigterm: `Sent SIGTERM to ${who}`,
        sigkill: `${who} didn’t stop in time; sent SIGKILL`,
      };
      return { text: text[step], since: at, until: at + boundMs };
    }
    case "waiting": {
      const holder = what.holder === undefined ? "" : `, held by ${actor(what.holder, app.pid)}`;
      return { text: `Waiting for ${what.what}${holder}`, since: at, until: at + what.boundMs };
    }
    case "warning":
      return { text: what.text, since: at, until: undefined };
    case "notice":
      return undefined;
  }
}
