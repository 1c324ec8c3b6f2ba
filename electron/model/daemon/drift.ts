import { compareVersions } from "../../../src/version/versions.js";
import { inStep } from "../../../src/version/decide.js";
import type { Identity, Installed } from "../../../src/version/identity.js";

/** How a daemon differs from what is installed here. */
export interface Drift {
  /** `different`: no order can be given: other builds of one version, unreadable versions. */
  order: "daemon-older" | "daemon-newer" | "different";
  /** Only a daemon of the same installation is the app's to replace without a question. */
  installation: "same" | "other";
}

/** Undefined when they are in step. Pure. */
export function driftOf(daemon: Identity, installed: Installed | undefined): Drift | undefined {
  if (!installed || inStep(daemon, installed)) return undefined;
  const order = compareVersions(daemon.version, installed.version);
  const other = daemon.installRoot !== undefined && daemon.installRoot !== installed.root;
  return {
    order: order === -1 ? "daemon-older" : order === 1 ? "daemon-newer" : "different",
    installation: other ? "other" : "same",
  };
}
