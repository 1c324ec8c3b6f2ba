/**
 * Do the two lie in the same place, as what is installed now and what was there before the upgrade do? Where a package
 * manager gives each version a directory of its own (`Cellar/lockstep/1.2.0/`, a rebuilt package's `1.2.0_1/`), that
 * directory does not count.
 */
export function isSameInstallation(
  daemon: { installRoot: string | undefined; version: string },
  installed: { root: string; version: string },
): boolean {
  if (daemon.installRoot === undefined) return false;
  return withoutVersion(daemon.installRoot, daemon.version) === withoutVersion(installed.root, installed.version);
}

function withoutVersion(root: string, version: string): string {
  const isVersion = (name: string): boolean => name === version || name.startsWith(`${version}_`);
  return root
    .split("/")
    .map((name) => (version !== "" && isVersion(name) ? "*" : name))
    .join("/");
}
