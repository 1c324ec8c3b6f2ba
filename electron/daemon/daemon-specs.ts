import type { DaemonSpec, WatchedDaemon } from "../../src/client/spec/daemon-spec.js";
import type { DaemonId } from "../model/daemon/daemon-state.js";
import type { DaemonAbout } from "../model/events.js";

/** A daemon that the app lists: Lockstep's own, or another tool's, which is only watched. */
export type ListedDaemon = { control: "full"; spec: DaemonSpec } | { control: "read-only"; spec: WatchedDaemon };

/** The daemons that the app lists, by their names. The first is Lockstep's own. */
export type ListedDaemons = ReadonlyMap<DaemonId, ListedDaemon>;

/** Throws an Error for the user where the window names a daemon that is not listed. */
export function listedDaemon(daemons: ListedDaemons, id: DaemonId): ListedDaemon {
  const listed = daemons.get(id);
  if (!listed) throw new Error(`There is no daemon "${id}" in the list.`);
  return listed;
}

/** The daemon as one that the app may act on. Throws an Error for the user for another tool's. */
export function controlledDaemon(daemons: ListedDaemons, id: DaemonId): DaemonSpec {
  const { control, spec } = listedDaemon(daemons, id);
  if (control === "full") return spec;
  throw new Error(`${spec.name} belongs to another tool. Lockstep only displays it, and changes nothing there.`);
}

/** What the model knows of each daemon from the beginning. */
export function describeDaemons(daemons: ListedDaemons): DaemonAbout[] {
  return [...daemons].map(([id, { control, spec }]) => {
    const { dir, log } = spec.paths;
    return { id, name: spec.name, control, paths: { dir, log } };
  });
}
