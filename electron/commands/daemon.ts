import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { openPath } from "./open-path.js";
import { controlledDaemon, listedDaemon, type ListedDaemons } from "../daemon/daemon-specs.js";
import type { DaemonLink } from "../daemon/daemon-link.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { DaemonCommand } from "../ipc/command.js";
import type { DaemonId } from "../model/daemon/daemon-state.js";
import type { DaemonEvent } from "../model/events.js";
import type { Store } from "../model/store.js";

export interface DaemonCommandContext {
  store: Store;
  listed: ListedDaemons;
  links: ReadonlyMap<DaemonId, DaemonLink>;
  showWindow: () => Promise<void>;
}

/** Start, stop and restart become events for the reducer; files are opened with the desktop's own programs. */
export function daemonCommands(context: DaemonCommandContext): (command: DaemonCommand) => Promise<void> {
  const { store, listed, links, showWindow } = context;
  return async (command) => {
    const id = command.daemon;
    const { paths } = listedDaemon(listed, id).spec;
    /** Refused for another tool's daemon, whatever the window has offered. */
    const act = (event: DaemonEvent): void => {
      controlledDaemon(listed, id);
      store.dispatch({ about: "daemon", id, event });
    };
    switch (command.do) {
      case "start":
        return act({ type: "startRequested" });
      case "stop":
        return act({ type: "stopRequested" });
      case "restart":
        return act({ type: "restartRequested" });
      case "restart-anyway":
        return act({ type: "restartRequested", force: true });
      case "dismiss-problem":
        return act({ type: "problemDismissed" });
      case "restart-server":
        controlledDaemon(listed, id);
        return linkOf(links, id).restartServer(command.server);
      case "open-log-file":
        return openPath(paths.log);
      case "open-folder":
        return openPath(paths.dir);
      case "edit-servers":
        createServersFile(controlledDaemon(listed, id));
        return openPath(paths.servers);
      case "select":
        store.dispatch({ about: "app", type: "selected", id });
        return showWindow();
    }
  };
}

function linkOf(links: ReadonlyMap<DaemonId, DaemonLink>, id: DaemonId): DaemonLink {
  const link = links.get(id);
  if (!link) throw new Error(`The ${id} daemon is not connected yet: try again in a moment.`);
  return link;
}

/** Writes down what the daemon does without servers.json, so that there is something to edit. */
function createServersFile({ paths }: DaemonSpec): void {
  if (existsSync(paths.servers)) return;
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const content = { mcpServers: { memory: { lockstep: { builtin: "memory" } } } };
  writeFileSync(paths.servers, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
}
