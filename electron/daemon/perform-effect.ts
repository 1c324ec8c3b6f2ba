import { Notification } from "electron";
import type { DaemonId } from "../model/daemon/daemon-state.js";
import type { Effect } from "../model/effects.js";
import type { DaemonLink } from "./daemon-link.js";

/** Shows a notification, or hands the effect to the link of its daemon, which reports the outcome as events. */
export function performEffect(
  effect: Effect,
  links: ReadonlyMap<DaemonId, DaemonLink>,
  windowIsVisible: () => boolean,
): void {
  if (effect.do !== "notify") {
    links.get(effect.daemon)?.perform(effect);
    return;
  }
  // The window shows an update anyway.
  if (effect.about === "update-ready" && windowIsVisible()) return;
  if (Notification.isSupported()) new Notification({ title: effect.title, body: effect.body }).show();
}
