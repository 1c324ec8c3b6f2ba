import type { AppFacts, AppState } from "./app-state.js";
import { newRecord } from "./daemon/daemon-state.js";
import type { DaemonAbout } from "./events.js";
import type { Settings } from "../settings/settings.js";

export interface StartFacts {
  /** At least one; the first is Lockstep's own. */
  daemons: readonly DaemonAbout[];
  app: Omit<AppFacts, "onDisk" | "staging" | "commandLine">;
  settings: Settings;
}

/** The state before the first event. Throws for an empty list of daemons. */
export function initialState({ daemons, app, settings }: StartFacts, now: number): AppState {
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
      commandLine: { is: "not-offered", notice: undefined },
    },
    settings,
    asleep: false,
    now,
  };
}
