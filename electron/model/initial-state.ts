import type { AppFacts, AppState } from "./app-state.js";
import { newRecord } from "./daemon/daemon-state.js";
import type { DaemonAbout } from "./events.js";
import type { Settings } from "../settings/settings.js";

export interface StartFacts {
  /** At least one; the first is Lockstep's own. */
  daemons: readonly DaemonAbout[];
  app: Omit<AppFacts, "onDisk" | "staging" | "loginItem" | "commandLine" | "notice" | "withoutTray">;
  settings: Settings;
  settingsProblems: readonly string[];
}

/** The state before the first event. Throws for an empty list of daemons. */
export function initialState({ daemons, app, settings, settingsProblems }: StartFacts, now: number): AppState {
  const [own] = daemons;
  if (!own) throw new Error("the app needs a daemon to show");
  return {
    daemons: daemons.map((about) => newRecord(about, now)),
    selected: own.id,
    stoodStillAt: undefined,
    app: {
      ...app,
      onDisk: undefined,
      staging: undefined,
      loginItem: "absent",
      commandLine: "not-offered",
      notice: undefined,
      withoutTray: "no",
    },
    settings,
    settingsProblems,
    asleep: false,
    now,
  };
}
