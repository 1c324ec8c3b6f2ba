import { compareVersions } from "../version/versions.js";

/** One build in one AppImage. */
export interface Source {
  version: string;
  buildId: string;
  appImage: string;
}

export interface StagingFacts {
  mine: Source;
  /** What the runtime's directory holds; undefined when it holds none. */
  staged: (Source & { complete: boolean; appImageExists: boolean }) | undefined;
}

export type StagingDecision =
  | { do: "stage"; why: "nothing-staged" | "incomplete" | "same-appimage" | "newer" | "appimage-gone" }
  /** The same build, whose AppImage was renamed: only where it came from is to be written anew. */
  | { do: "adopt" }
  | { do: "keep" };

/**
 * Whose runtime is to be there for daemon and command line. An AppImage replaces what came from itself, in either
 * direction; of two that lie side by side the newer one wins, as long as it is there. Pure.
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
