import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { shell } from "electron";
import { specOf, type DaemonSpecs } from "../daemon/daemon-specs.js";
import type { DaemonLink } from "../daemon/daemon-link.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { DaemonCommand } from "../ipc/command.js";
import type { DaemonId } from "../model/daemon/daemon-state.js";
import type { DaemonEvent } from "../model/events.js";
import type { Store } from "../model/store.js";

export interface DaemonCommandContext {
  store: Store;
  specs: DaemonSpecs;
  links: ReadonlyMap<DaemonId, DaemonLink>;
  showWindow: () => Promise<void>;
}

/** Start, stop and restart become events for the reducer; files are opened with the desktop's own programs. */
export function daemonCommands(context: DaemonCommandContext): (command: DaemonCommand) => Promise<void> {
  const { store, specs, links, showWindow } = context;
  return async (command) => {
    const id = command.daemon;
    const spec = specOf(specs, id);
    const dispatch = (event: DaemonEvent): void => store.dispatch({ about: "daemon", id, event });
    switch (command.do) {
      case "start":
        return dispatch({ type: "startRequested" });
      case "stop":
        return dispatch({ type: "stopRequested" });
      case "restart":
        return dispatch({ type: "restartRequested" });
      case "restart-anyway":
        return dispatch({ type: "restartRequested", force: true });
      case "dismiss-problem":
        return dispatch({ type: "problemDismissed" });
      case "restart-server":
        return links.get(id)?.restartServer(command.server);
      case "open-log-file":
        return openPath(spec.paths.log);
      case "open-folder":
        return openPath(spec.paths.dir);
      case "edit-servers":
        createServersFile(spec);
        return openPath(spec.paths.servers);
      case "select":
        store.dispatch({ about: "app", type: "selected", id });
        return showWindow();
    }
  };
}

/** `shell.openPath` resolves with the text of an error instead of rejecting. */
async function openPath(path: string): Promise<void> {
  const error = await shell.openPath(path);
  if (error !== "") throw new Error(`${path} could not be opened: ${error}`);
}

/** Writes down what the daemon does without servers.json, so that there is something to edit. */
function createServersFile({ paths }: DaemonSpec): void {
  if (existsSync(paths.servers)) return;
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const content = { mcpServers: { memory: { lockstep: { builtin: "memory" } } } };
  writeFileSync(paths.servers, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
}
