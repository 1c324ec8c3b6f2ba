import { isSamePlace, type Place } from "../version/place.js";

/**
 * True if the daemon comes from this installation or from the one that it replaced. The paths are compared without the
 * directories that some package managers add for each version (`Cellar/lockstep/1.2.0/`, `1.2.0_1/` for a rebuilt one).
 */
export function isSameInstallation(
  daemon: { installRoot: string | undefined; version: string; place?: Place | undefined },
  installed: { root: string; version: string; place?: Place | undefined },
): boolean {
  if (daemon.installRoot === undefined || !isSamePlace(daemon.place, installed.place)) return false;
  return withoutVersion(daemon.installRoot, daemon.version) === withoutVersion(installed.root, installed.version);
}

function withoutVersion(root: string, version: string): string {
  const isVersion = (name: string): boolean => name === version || name.startsWith(`${version}_`);
  return root
    .split("/")
    .map((name) => (version !== "" && isVersion(name) ? "*" : name))
    .join("/");
}
