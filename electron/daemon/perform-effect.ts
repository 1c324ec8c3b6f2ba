import { Notification } from "electron";
import type { DaemonId } from "../model/daemon/daemon-state.js";
import type { Effect } from "../model/effects.js";
import type { DaemonLink } from "./daemon-link.js";

export interface EffectContext {
  links: ReadonlyMap<DaemonId, DaemonLink>;
  windowIsVisible: () => boolean;
  /** A click on the notification. */
  onClick: (notification: NotifyEffect) => void;
}

export type NotifyEffect = Extract<Effect, { do: "notify" }>;

/** Shows a notification, or hands the effect to the link of its daemon, which reports the outcome as events. */
export function performEffect(effect: Effect, { links, windowIsVisible, onClick }: EffectContext): void {
  if (effect.do !== "notify") {
    links.get(effect.daemon)?.perform(effect);
    return;
  }
  // The window shows an update anyway.
  if (effect.about === "update-ready" && windowIsVisible()) return;
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title: effect.title, body: effect.body });
  shown.add(notification);
  const forget = (): void => void shown.delete(notification);
  notification.on("click", () => {
    forget();
    onClick(effect);
  });
  notification.on("close", forget);
  notification.on("failed", forget);
  notification.show();
}

/** A notification that is garbage collected can't be clicked any more. */
const shown = new Set<Notification>();
