import type compareFunction from "semver/functions/compare.js";

/** What `git describe` appends to the last tag: `-<commits since>-g<abbreviated sha>`. */
const DESCRIBE_SUFFIX = /-(\d+)-g([0-9a-f]{4,40})$/;

/** A semantic version as semver.org defines it, with or without the `v` of tags. */
const SEMANTIC =
  /^v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;
const LONGEST_VERSION = 256;

interface ReadVersion {
  /** The version without the describe suffix, as semver writes it. */
  base: string;
  /** Commits since `base`; undefined when there is no describe suffix. */
  commits: number | undefined;
  sha: string | undefined;
}

/**
 * True when two versions are in step.
 * If both have a describe suffix, they must be equal, and so must their build ids where both are known. Otherwise the
 * suffix is ignored and the rest must be equal, pre-release tags included. An unreadable or missing version is in step
 * with nothing, not even with itself.
 */
export function versionsMatch(
  a: { version: string | undefined; buildId?: string | undefined },
  b: { version: string | undefined; buildId?: string | undefined },
): boolean {
  const sameBuild = !a.buildId || !b.buildId || a.buildId === b.buildId;
  // The most frequent case by far, and one that every warm call waits for.
  if (a.version === b.version) return isReadableVersion(a.version) && (sameBuild || !DESCRIBE_SUFFIX.test(a.version));
  const left = readVersion(a.version);
  const right = readVersion(b.version);
  if (!left || !right || left.base !== right.base) return false;
  if (left.sha === undefined || right.sha === undefined) return true;
  return left.commits === right.commits && left.sha === right.sha && sameBuild;
}

/**
 * -1, 0 or 1 when `a` is older than, the same as, or newer than `b`. Undefined when one is unreadable, or when they are
 * different commits at the same distance from a tag, which cannot be ordered.
 */
export function compareVersions(a: string | undefined, b: string | undefined): -1 | 0 | 1 | undefined {
  const left = readVersion(a);
  const right = readVersion(b);
  if (!left || !right) return undefined;
  const byBase = compareBases(left.base, right.base);
  if (byBase !== 0) return byBase;
  const byCommits = Math.sign((left.commits ?? 0) - (right.commits ?? 0));
  if (byCommits !== 0) return byCommits < 0 ? -1 : 1;
  return left.sha === right.sha ? 0 : undefined;
}

/** True for a version that can be compared. */
export function isReadableVersion(version: string | undefined): version is string {
  return typeof version === "string" && version.length <= LONGEST_VERSION && SEMANTIC.test(version);
}

function readVersion(version: string | undefined): ReadVersion | undefined {
  if (!isReadableVersion(version)) return undefined;
  const suffix = DESCRIBE_SUFFIX.exec(version);
  // semver would take `1.2.3-5-gabcd` for a pre-release, and so for older than 1.2.3.
  const tagged = suffix ? version.slice(0, suffix.index) : version;
  // Build metadata and the tag's `v` are not compared.
  const base = tagged.replace(/^v/, "").replace(/\+.*$/, "");
  return { base, commits: suffix ? Number(suffix[1]) : undefined, sha: suffix?.[2] };
}

/**
 * semver is loaded only to order two versions, not to find that they differ: building its regular expressions takes
 * longer than the whole handshake.
 */
function compareBases(a: string, b: string): -1 | 0 | 1 | undefined {
  if (a === b) return 0;
  // The bundler keeps this lazy. A static import would be eager, and a dynamic one asynchronous.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const compare = require("semver/functions/compare.js") as typeof compareFunction;
  try {
    return compare(a, b);
  } catch {
    // A number is too large for semver.
    return undefined;
  }
}
