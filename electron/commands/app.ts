import { app, clipboard } from "electron";
import { commandLineState, installTool, removeTool, type CliLink } from "../install/command-line-tool.js";
import type { AppCommand } from "../ipc/command.js";
import type { Notice } from "../model/app-state.js";
import type { Store } from "../model/store.js";
import type { Updates } from "../update/updates.js";
import { stopOwnDaemons } from "./stop-own-daemons.js";
import type { ShowPage } from "./window.js";

export interface AppCommandContext {
  store: Store;
  updates: Updates;
  cliLink: CliLink;
  diagnostics: () => Promise<string>;
  relaunch: () => Promise<void>;
  showWindow: () => Promise<void>;
  showPage: ShowPage;
}

/** What concerns the app itself: updates, the command-line tool, diagnostics, and the ways to quit. */
export function appCommands(context: AppCommandContext): (command: AppCommand) => Promise<void> {
  const { store, updates, cliLink, showPage } = context;
  return async (command) => {
    switch (command.do) {
      case "copy-diagnostics":
        // Returns a promise since Electron 44.
        return void (await clipboard.writeText(await context.diagnostics()));
      case "check-updates":
        // The outcome becomes a state, which the settings page shows; the command came from there or from the menu.
        void updates.run();
        return showPage("settings");
      case "restart-to-update":
        return restartToUpdate(updates, showPage);
      case "relaunch":
        await context.relaunch();
        return app.quit();
      case "install-command-line":
        report(store, cliLink, installTool(cliLink));
        // The window shows the notice, also when the click was in the menu.
        return context.showWindow();
      case "remove-command-line":
        report(store, cliLink, removeTool(cliLink));
        return context.showWindow();
      case "dismiss-notice":
        return store.dispatch({ about: "app", type: "notice", notice: undefined });
      case "dismiss-no-tray":
        return store.dispatch({ about: "app", type: "withoutTray", withoutTray: "dismissed" });
      case "quit":
        return app.quit();
      case "stop-and-quit":
        await stopOwnDaemons(store);
        return app.quit();
    }
  };
}

async function restartToUpdate(updates: Updates, showPage: ShowPage): Promise<void> {
  try {
    await updates.install(true);
  } catch (error) {
    await showPage("settings");
    throw error;
  }
  app.quit();
}

function report(store: Store, cliLink: CliLink, notice: Notice): void {
  store.dispatch({ about: "app", type: "commandLine", commandLine: commandLineState(cliLink) });
  store.dispatch({ about: "app", type: "notice", notice });
}
