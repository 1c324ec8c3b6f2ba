// Why Electron ended before the app ran, from what it printed, and how to fix that.
import { join } from "node:path";

/**
 * @param {string} output what Electron printed to stderr
 * @param {string} electronDirectory
 * @returns {string | undefined} undefined if it ended for another reason
 */
export function whyAppCannotRun(output, electronDirectory) {
  if (/No usable sandbox|SUID sandbox helper binary/.test(output)) return noSandbox(electronDirectory);
  const library = /error while loading shared libraries: ([^:\s]+)/.exec(output)?.[1];
  if (library !== undefined) return `the library ${library} is missing; install the package that contains it`;
  if (/Missing X server or \$DISPLAY|(open|connect to) (X |Wayland )?display/i.test(output)) {
    return "the display that DISPLAY or WAYLAND_DISPLAY names can't be reached; start it from a desktop's terminal";
  }
  return undefined;
}

/** @param {string} electronDirectory */
function noSandbox(electronDirectory) {
  const helper = `'${join(electronDirectory, "chrome-sandbox").replaceAll("'", `'\\''`)}'`;
  return `Chromium's sandbox needs user namespaces, which this system denies to programs without a profile of their own, as
Ubuntu does since 24.04. Allow the sandbox to use its helper instead, once:
  sudo chown root ${helper} && sudo chmod 4755 ${helper}
or install the deb (npm run package -- deb), which has such a profile`;
}
