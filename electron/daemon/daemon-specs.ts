import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { DaemonId, DaemonRecord } from "../model/daemon/daemon-state.js";
import type { OtherDaemon } from "../settings/settings.js";
import { specOfOther } from "./other-daemon.js";

/** The daemons that the app lists, by their names. The first is Lockstep's own. */
export type DaemonSpecs = ReadonlyMap<DaemonId, DaemonSpec>;

export function listedDaemons(own: DaemonSpec, others: readonly OtherDaemon[]): DaemonSpecs {
  const specs = [own, ...others.map(specOfOther)];
  return new Map(specs.map((spec) => [spec.name, spec]));
}

/** Throws an Error for the user where the window names a daemon that is not listed. */
export function specOf(specs: DaemonSpecs, id: DaemonId): DaemonSpec {
  const spec = specs.get(id);
  if (!spec) throw new Error(`There is no daemon "${id}" in the list.`);
  return spec;
}

/** What the model knows of each daemon from the beginning; it acts on Lockstep's own only. */
export function describeDaemons(specs: DaemonSpecs): Pick<DaemonRecord, "id" | "name" | "control" | "paths">[] {
  return [...specs].map(
    (
      [
        id,
        {
          name,
          paths: { dir, log },
        },
      ],
      index,
    ) => {
      return { id, name, control: index === 0 ? "full" : "read-only", paths: { dir, log } };
    },
  );
}
