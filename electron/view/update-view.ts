import { isStale, type AppState } from "../model/app-state.js";
import { liveOf } from "../model/daemon/daemon-state.js";
import { ownDaemon } from "../model/app-state.js";
import { runningCalls } from "./status.js";
import type { AppView, Banner, Button } from "./window-view.js";
import { bytesText } from "../../src/text/bytes.js";
import type { Line } from "../../src/text/ticking-line.js";

/** The section of the settings about updates. */
export function updatesView(state: AppState): AppView["updates"] {
  const { update } = state.app;
  const plain = { button: undefined, percent: undefined, canUpdateItself: update.is !== "off" };
  switch (update.is) {
    case "off":
      return { ...plain, text: update.why };
    case "idle":
      return { ...plain, text: checked(update.checkedAt), button: CHECK };
    case "checking":
      return { ...plain, text: "Checking for updates" };
    case "downloading":
      return { ...plain, text: downloading(update), percent: percentOf(update) };
    case "ready":
      return { ...plain, text: `Update ${update.version} is ready. ${atRestart(state)}`, button: RESTART };
    case "failed":
      return { ...plain, text: failed(update, state), button: { ...CHECK, label: "Try again" } };
  }
}

/** An update that is ready, or an app that was replaced on disk. */
export function updateBanner(state: AppState): Banner | undefined {
  const { app } = state;
  const banner = { key: "update", tone: "busy", dismiss: undefined } as const;
  if (isStale(app)) {
    const version = app.onDisk?.version ?? "";
    const title = version === app.version ? "Another build was installed" : `Lockstep ${version} was installed`;
    const text = `This app is still ${app.version}. Relaunch to finish the update.`;
    return { ...banner, title, text, button: { label: "Relaunch", command: { do: "relaunch" }, enabled: true } };
  }
  if (app.update.is !== "ready") return undefined;
  return { ...banner, title: `Update ${app.update.version} is ready`, text: atRestart(state), button: RESTART };
}

/** "Restart to update (2 calls are running)". */
export function restartLabel(state: AppState): string {
  const calls = runningCalls(liveOf(ownDaemon(state).state));
  return calls === undefined ? RESTART.label : `${RESTART.label} (${calls})`;
}

export const CHECK: Button = { label: "Check for updates", command: { do: "check-updates" }, enabled: true };
const RESTART: Button = { label: "Restart to update", command: { do: "restart-to-update" }, enabled: true };

function checked(at: number | undefined): Line {
  return at === undefined ? "Not checked yet" : { before: "Up to date, checked ", count: "since", at, after: " ago" };
}

type Downloading = Extract<AppState["app"]["update"], { is: "downloading" }>;

function downloading({ version, received, total }: Downloading): string {
  return `Downloading ${version}${total === undefined ? "" : `: ${bytesText(received)} of ${bytesText(total)}`}`;
}

function percentOf({ received, total }: Downloading): number | undefined {
  return total === undefined || total === 0 ? undefined : Math.floor((100 * received) / total);
}

/** The new app also replaces the daemon, and running calls get the same time as in any restart. */
function atRestart(state: AppState): string {
  const calls = runningCalls(liveOf(ownDaemon(state).state));
  if (calls === undefined) return "Restart the app to install it; quitting installs it too.";
  return `${calls}: a restart waits up to 5 s before it interrupts calls.`;
}

function failed({ error, nextAt }: Extract<AppState["app"]["update"], { is: "failed" }>, { app }: AppState): Line {
  const text = `${error} Lockstep ${app.version} keeps running`;
  return nextAt === undefined
    ? `${text}.`
    : { before: `${text}; next try in `, count: "until", at: nextAt, after: "." };
}
