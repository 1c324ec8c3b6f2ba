import { compareVersions } from "../../../src/version/versions.js";
import { inStep } from "../../../src/version/decide.js";
import type { Identity, Installed } from "../../../src/version/identity.js";

/** How a daemon differs from the installation that the app belongs to. */
export interface Drift {
  /** `different`: no order, as between two builds of one version, or with an unreadable version. */
  order: "daemon-older" | "daemon-newer" | "different";
  /** The app replaces a daemon without asking only if it is of the same installation. */
  installation: "same" | "other";
}

/** Undefined when they are in step. */
export function driftOf(daemon: Identity, installed: Installed | undefined): Drift | undefined {
  if (!installed || inStep(daemon, installed)) return undefined;
  const order = compareVersions(daemon.version, installed.version);
  const other = daemon.installRoot !== undefined && daemon.installRoot !== installed.root;
  return {
    order: order === -1 ? "daemon-older" : order === 1 ? "daemon-newer" : "different",
    installation: other ? "other" : "same",
  };
}
