import { BUILD_INFO } from "../install/build-info.js";
import { readIfThere } from "../state/whole-file.js";

/** The hash of this very code, which the build writes into it. Undefined where it runs from its sources. */
declare const LOCKSTEP_CODE_ID: string | undefined;

/**
 * True if the code that runs is not the one that the `build-info.json` in `root` describes: the installation was replaced
 * after this process had loaded its code. No times are compared, since a clock may have been set in between. To be called
 * after the file was read for the daemon's identity. An installation of an older version, which does not name its code,
 * counts as the same.
 */
export function replacedWhileStarting(root: string): boolean {
  const own = typeof LOCKSTEP_CODE_ID === "undefined" ? undefined : LOCKSTEP_CODE_ID;
  const installed = /"codeId":\s*"(\w+)"/.exec(readIfThere(`${root}/${BUILD_INFO}`) ?? "")?.[1];
  return own !== undefined && installed !== undefined && own !== installed;
}
