import { compareVersions } from "../version/versions.js";

/** One build in one AppImage. */
export interface Source {
  version: string;
  buildId: string;
  appImage: string;
}

export interface StagingFacts {
  mine: Source;
  /** What is staged; undefined if nothing is. */
  staged: (Source & { complete: boolean; appImageExists: boolean }) | undefined;
}

export type StagingDecision =
  | { do: "stage"; why: "nothing-staged" | "incomplete" | "same-appimage" | "newer" | "appimage-gone" }
  /** The same build, whose AppImage was renamed: only the recorded path of the AppImage changes. */
  | { do: "adopt" }
  | { do: "keep" };

/**
 * Decides which AppImage provides the runtime of daemon and command line. An AppImage replaces what the same file staged,
 * in either direction; of two AppImages side by side the newer one wins, as long as it exists.
 */
export function decideStaging({ mine, staged }: StagingFacts): StagingDecision {
  if (!staged) return { do: "stage", why: "nothing-staged" };
  if (!staged.complete) return { do: "stage", why: "incomplete" };
  const sameAppImage = staged.appImage === mine.appImage;
  if (staged.version === mine.version && staged.buildId === mine.buildId) {
    return { do: sameAppImage || staged.appImageExists ? "keep" : "adopt" };
  }
  if (sameAppImage) return { do: "stage", why: "same-appimage" };
  if (!staged.appImageExists) return { do: "stage", why: "appimage-gone" };
  return compareVersions(mine.version, staged.version) === 1 ? { do: "stage", why: "newer" } : { do: "keep" };
}
