import { unwatchFile, watchFile } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Store } from "../model/store.js";
import { readSettings } from "./settings-file.js";
import type { Settings } from "./settings.js";

/** The file is edited by hand now and then, so a look each second is soon enough. */
const CHECK_EVERY_MS = 1_000;

export interface LiveSettings {
  /** Reads the file and takes up what has changed in it. */
  takeUp(): void;
  close(): void;
}

/**
 * Keeps the store's settings, and the problems with them, at what the file says, also while it is edited. A file that can't
 * be used leaves the settings as they are. `use` puts changed settings into effect, and throws an Error for the user.
 */
export function followSettings(
  file: string,
  home: string,
  store: Pick<Store, "state" | "dispatch">,
  use: (settings: Settings, before: Settings) => void,
): LiveSettings {
  const takeUp = (): void => {
    const { state } = store;
    const before = state.settings;
    const read = readSettings(file, home);
    const settings = read.settings ?? before;
    const problems = [...read.problems];
    try {
      if (!isDeepStrictEqual(settings, before)) use(settings, before);
    } catch (error) {
      problems.push((error as Error).message);
    }
    if (isDeepStrictEqual([settings, problems], [before, state.settingsProblems])) return;
    store.dispatch({ about: "app", type: "settings", settings, problems });
  };
  watchFile(file, { interval: CHECK_EVERY_MS, persistent: false }, takeUp);
  return { takeUp, close: () => unwatchFile(file, takeUp) };
}
