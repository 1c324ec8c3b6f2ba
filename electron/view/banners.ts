import { isStale, type AppState } from "../model/app-state.js";
import type { Command } from "../ipc/command.js";
import { liveOf, type DaemonRecord } from "../model/daemon/daemon-state.js";
import { EDIT_SETTINGS } from "./actions.js";
import { runningCalls } from "./status.js";
import { counted } from "../../src/text/count.js";
import { tilde } from "../../src/text/tilde.js";
import { updateBanner } from "./update-view.js";
import type { Banner, Button } from "./window-view.js";

/** The cards below the header: what needs more room than the status line, the most urgent first. */
export function bannersOf(record: DaemonRecord, state: AppState): Banner[] {
  const found = [
    noticeBanner(state),
    problemBanner(record),
    failureBanner(record),
    silenceBanner(record),
    stagingBanner(state),
    settingsBanner(state),
    updateBanner(state),
    withoutTrayBanner(state),
  ];
  if (!record.operation) {
    found.push(outOfStepBanner(record, state), otherInstallationBanner(record, state), callsBanner(record));
  }
  return found.filter((banner) => banner !== undefined);
}

function stagingBanner({ app }: AppState): Banner | undefined {
  const { staging, version } = app;
  switch (staging?.is) {
    case undefined:
      return undefined;
    case "copying": {
      const where = tilde(staging.to, app.home);
      return note("staging", "busy", `Preparing Lockstep ${version}`, `Its daemon is being copied to ${where}.`);
    }
    case "failed":
      return note("staging-failed", "bad", `Lockstep ${version} couldn’t be prepared`, staging.error);
  }
}

function settingsBanner({ settingsProblems, app }: AppState): Banner | undefined {
  const [first, ...others] = settingsProblems;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? "" : ` And ${counted(others.length, "more problem")}.`;
  const text = `${first.replace(app.home, "~")}.${more}`;
  return note(`settings ${first}`, "warn", "A setting can’t be used", text, EDIT_SETTINGS);
}

function noticeBanner({ app }: AppState): Banner | undefined {
  const { notice } = app;
  if (!notice) return undefined;
  const { tone, title, text } = notice;
  return { ...note(`notice ${title} ${text}`, tone, title, text), dismiss: DISMISS };
}

const DISMISS: Command = { do: "dismiss-notice" };

/** Says why the window is not at an icon, and how it is found again. */
function withoutTrayBanner({ app }: AppState): Banner | undefined {
  if (app.withoutTray !== "announced") return undefined;
  const closing = "Closing this window quits Lockstep; the daemon keeps running. Start Lockstep again to open it.";
  const gnome = "On GNOME, the extension “AppIndicator” adds tray icons.";
  const banner = note("without-tray", "off", "This desktop shows no tray icons", `${closing} ${gnome}`);
  return { ...banner, dismiss: { do: "dismiss-no-tray" } };
}

function problemBanner({ id, problem }: DaemonRecord): Banner | undefined {
  if (!problem) return undefined;
  const what = { start: "Start", restart: "Restart", stop: "Stop" }[problem.kind];
  const title = problem.refused ? `${what} refused` : `${what} failed`;
  const dismiss = { do: "dismiss-problem", daemon: id } as const;
  return { ...note(`problem-${problem.at}`, problem.refused ? "warn" : "bad", title, problem.error), dismiss };
}

function failureBanner({ state }: DaemonRecord): Banner | undefined {
  if (state.is !== "failed") return undefined;
  const title = {
    died: "Details",
    "start-failed": "Error",
    "crash-loop": "Last error",
    refused: "Reason",
    unreachable: "Error",
  };
  const button: Button = { label: "Show log", command: { do: "show-log" }, enabled: true };
  const tone = state.what === "refused" ? "warn" : "bad";
  return note(`failed-${state.since}`, tone, title[state.what], state.error, button);
}

function silenceBanner({ state, operation, control }: DaemonRecord): Banner | undefined {
  if (state.is !== "unresponsive" || operation) return undefined;
  const pid = state.live?.identity.pid;
  const who = pid === undefined ? "The process" : `Process ${pid}`;
  const way = control === "full" ? " Replace ends it and starts a new daemon; its running calls are lost." : "";
  return note("silent", "bad", `${who} isn’t responding`, `It may recover.${way}`);
}

/** Explains "Out of step". An app that was replaced on disk has to be relaunched first, and its banner says so. */
function outOfStepBanner({ state }: DaemonRecord, { app }: AppState): Banner | undefined {
  if (state.is !== "drifted" || state.drift.installation === "other" || isStale(app)) return undefined;
  return note("out-of-step", "warn", "The daemon isn’t the installed version", "Restart it to get back in step.");
}

function otherInstallationBanner({ state, installed }: DaemonRecord, { app }: AppState): Banner | undefined {
  if (state.is !== "drifted" || state.drift.installation === "same") return undefined;
  const theirs = state.live.identity.installRoot;
  const where = theirs === undefined ? "elsewhere" : tilde(theirs, app.home);
  const mine = installed === undefined ? "" : ` This app is in ${tilde(installed.root, app.home)}.`;
  const way = state.drift.order === "daemon-newer" ? " Upgrade this app to get in step." : "";
  return note(
    "other-installation",
    "warn",
    "The daemon belongs to another installation",
    `It runs from ${where}.${mine}${way}`,
  );
}

function callsBanner({ state }: DaemonRecord): Banner | undefined {
  if (state.is !== "drifted") return undefined;
  const calls = runningCalls(liveOf(state));
  return calls === undefined
    ? undefined
    : note("calls", "warn", calls, "A restart waits up to 5 s before it interrupts calls.");
}

function note(key: string, tone: Banner["tone"], title: string, text: string, button?: Button): Banner {
  return { key, tone, title, text, button, dismiss: undefined };
}
