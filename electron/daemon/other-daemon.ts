import type { WatchedDaemon } from "../../src/client/spec/daemon-spec.js";
import { statePaths } from "../../src/state/directory.js";
import { EXPERIMENTAL_KEY, METHOD } from "../../src/wire/control.js";
import type { OtherDaemon } from "../settings/settings.js";

/** Another tool's daemon: the app knows where it is and nothing of its installation, so it is only watched. */
export function watchedDaemon({ name, directory }: OtherDaemon): WatchedDaemon {
  return {
    name,
    paths: statePaths(directory),
    // It may be a Lockstep of another directory, or understand Lockstep's extensions.
    experimentalKey: EXPERIMENTAL_KEY,
    lifetimeLock: undefined,
    control: { shutdown: METHOD.shutdown, status: METHOD.status },
  };
}
