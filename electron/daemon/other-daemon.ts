import { foreignSpec } from "../../src/client/spec/foreign-spec.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { OtherDaemon } from "../settings/settings.js";

/** Another tool's daemon, which the app shows and never starts. */
export function specOfOther({ name, directory }: OtherDaemon): DaemonSpec {
  const unknown = (): never => {
    throw new Error(`${name} is another tool's daemon: the app does not know what version is installed`);
  };
  return foreignSpec({
    name,
    directory,
    installedVersion: unknown,
    root: directory,
    command: { file: "/nonexistent", args: [] },
  });
}
