import type { AppWindow } from "../window/window.js";
import type { TrayHost } from "./tray-host.js";
import type { TrayIcon } from "./tray.js";

/** At login a panel may start after the app, and one that was restarted is back within this time, ms. */
const PANEL_COMES_WITHIN_MS = 10_000;

/**
 * Keeps the app within reach: by its icon as long as a panel shows it, else by an ordinary window. `hidden`: the app was
 * started at login, so that a panel gets time to come before the window is shown. Rejects if the window can't be shown.
 */
export async function followTrayHost(
  host: TrayHost,
  icon: TrayIcon,
  window: AppWindow,
  hidden: boolean,
): Promise<void> {
  let waiting: NodeJS.Timeout | undefined;
  const waitForPanel = (): void => {
    waiting = setTimeout(() => void window.adapt(), PANEL_COMES_WITHIN_MS);
  };
  host.onChange((isThere) => {
    clearTimeout(waiting);
    if (!isThere) return waitForPanel();
    icon.renew();
    void window.adapt();
  });
  if (host.isThere()) return;
  if (hidden) waitForPanel();
  else await window.show();
}
