import { setTimeout as delay } from "node:timers/promises";
import type { Installed } from "../../version/identity.js";
import { durationText } from "../../text/duration.js";

/** The app has to quit first, and macOS moves the new one into its place then, ms. */
const BOUND_MS = 60_000;
const LOOK_EVERY_MS = 200;

/** Resolves when `version` is what is installed. Throws after a bound. */
export async function untilInstalled(version: string, installed: () => Installed, boundMs = BOUND_MS): Promise<void> {
  const end = performance.now() + boundMs;
  while (versionOf(installed) !== version) {
    if (performance.now() > end) {
      throw new Error(
        `${version} was downloaded, but has not replaced the app within ${durationText(boundMs)}: quit Lockstep, start it again, and see which version lockstep --version reports`,
      );
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** Undefined while files are missing, since they are being replaced. */
function versionOf(installed: () => Installed): string | undefined {
  try {
    return installed().version;
  } catch {
    return undefined;
  }
}
