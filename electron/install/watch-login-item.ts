import { unwatchFile, watchFile } from "node:fs";
import type { App } from "electron";
import { loginEntry, loginItemState } from "./login-item.js";

/** The desktop's settings for start-up programs are rarely opened. */
const CHECK_EVERY_MS = 2_000;

export interface LoginItemWatch {
  /** Looks now. */
  look(): void;
  close(): void;
}

/** Reports whether the app is started at login: at once, by `look`, and after each change of the entry. */
export function watchLoginItem(app: App, onState: (is: ReturnType<typeof loginItemState>) => void): LoginItemWatch {
  const look = (): void => onState(loginItemState(app));
  look();
  // macOS keeps its login items elsewhere, and has nothing to watch.
  if (process.platform === "darwin") return { look, close: () => undefined };
  const entry = loginEntry(app);
  watchFile(entry, { interval: CHECK_EVERY_MS, persistent: false }, look);
  return { look, close: () => unwatchFile(entry, look) };
}
