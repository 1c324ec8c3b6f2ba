import { isStale, ownDaemon, type AppState } from "../model/app-state.js";
import { liveOf } from "../model/daemon/daemon-state.js";
import { statusOf } from "./status.js";
import type { Shape } from "./window-view.js";

/** `Lockstep: In step, 1.4.0`, with the installed version where it is another one. */
export function tooltip(state: AppState): string {
  const own = ownDaemon(state);
  const { title } = statusOf(own, state.app);
  const version = liveOf(own.state)?.identity.version ?? own.installed?.version;
  const drift = own.state.is === "drifted" && own.installed ? ` (installed ${own.installed.version})` : "";
  const relaunch = isStale(state.app) ? "; relaunch to finish the update" : "";
  return `Lockstep: ${title}${version === undefined ? "" : `, ${version}`}${drift}${relaunch}`;
}

/** The icon's shape, which is the state of Lockstep's own daemon. */
export function iconShape(state: AppState): Shape {
  return statusOf(ownDaemon(state), state.app).shape;
}
