/** The hash of this very code, which the build writes into it. Undefined where it runs from its sources. */
declare const LOCKSTEP_CODE_ID: string | undefined;

/**
 * True if the code that runs is not the one that `build-info.json` describes, as `codeId`: the installation was replaced
 * after this process had loaded its code. No times are compared, since a clock may have been set in between. Undefined, in
 * an installation of an older version, counts as equal.
 */
export function replacedWhileStarting(codeId: string | undefined): boolean {
  const own = typeof LOCKSTEP_CODE_ID === "undefined" ? undefined : LOCKSTEP_CODE_ID;
  return own !== undefined && codeId !== undefined && own !== codeId;
}
