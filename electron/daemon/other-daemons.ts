import type { WatchedDaemon } from "../../src/client/spec/daemon-spec.js";
import type { DaemonId } from "../model/daemon/daemon-state.js";
import type { Store } from "../model/store.js";
import type { OtherDaemon } from "../settings/settings.js";
import { describeDaemons, type ListedDaemon } from "./daemon-specs.js";
import { watchedDaemon } from "./other-daemon.js";
import { openWatchLink, type WatchLink } from "./watch-link.js";

/** The other tools' daemons, as the settings list them at the moment. */
export interface OtherDaemons {
  /** Begins to watch what is new in the list, and ends watching what is no longer there. */
  set(others: readonly OtherDaemon[]): void;
  close(): void;
}

/** Keeps `listed`, whose first entry is Lockstep's own daemon, and the store at what `set` gets. */
export function createOtherDaemons(
  listed: Map<DaemonId, ListedDaemon>,
  store: Pick<Store, "dispatch">,
  version: string,
): OtherDaemons {
  const links = new Map<DaemonId, WatchLink>();
  const end = (id: DaemonId): void => {
    links.get(id)?.close();
    links.delete(id);
    listed.delete(id);
  };
  const begin = (id: DaemonId, spec: WatchedDaemon): void => {
    const link = openWatchLink(spec, version, (event) => store.dispatch({ about: "daemon", id, event }));
    links.set(id, link);
  };
  return {
    set: (others) => {
      const wanted = new Map(others.map((other) => [other.name, watchedDaemon(other)]));
      for (const id of [...links.keys()]) {
        if (wanted.get(id)?.paths.dir !== listed.get(id)?.spec.paths.dir) end(id);
      }
      for (const [id, spec] of wanted) listed.set(id, listed.get(id) ?? { control: "read-only", spec });
      // The records come first, since a link reports at once.
      store.dispatch({ about: "app", type: "listed", daemons: describeDaemons(listed) });
      for (const [id, spec] of wanted) if (!links.has(id)) begin(id, spec);
    },
    close: () => {
      for (const id of [...links.keys()]) end(id);
    },
  };
}
