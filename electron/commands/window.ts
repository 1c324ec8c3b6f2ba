import type { WindowCommand } from "../ipc/command.js";
import type { AppWindow } from "../window/window.js";

/** The window's pages, and how to open one of them. */
export type ShowPage = (page: "log" | "settings") => Promise<void>;

/** Shows and hides the window. */
export function windowCommands(
  window: Pick<AppWindow, "show" | "hide">,
  showPage: ShowPage,
): (command: WindowCommand) => Promise<void> {
  return async (command) => {
    switch (command.do) {
      case "open":
        return window.show();
      case "show-log":
        return showPage("log");
      case "show-settings":
        return showPage("settings");
      case "hide":
        return window.hide();
    }
  };
}
