import { readFileSync } from "node:fs";

import type { Installed } from "../version/identity.js";

export const BUILD_INFO = "build-info.json";

/**
 * What is installed in `root` now. Always read from disk, since a program whose code was replaced while it runs must not
 * go by its own version. Throws an Error that names the file if the installation is broken or half replaced.
 */
export function readBuildInfo(root: string): Installed {
  const file = `${root}/${BUILD_INFO}`;
  let cause: unknown;
  try {
    const fields = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const { version, buildId, protocol } = fields;
    if (typeof version === "string" && typeof buildId === "string" && typeof protocol === "number") {
      return { version, buildId, protocol, root };
    }
  } catch (error) {
    cause = error;
  }
  throw new Error(
    `cannot read ${file}: the installation is broken, or is being replaced right now; run the command again, or reinstall`,
    { cause },
  );
}
