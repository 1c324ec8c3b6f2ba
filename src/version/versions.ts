import type compareFunction from "semver/functions/compare.js";

/**
 * What `git describe` appends to the last tag: `-<commits since>-g<abbreviated sha>`, and `-dirty` or `-broken` for a tree
 * with changes of its own, on the tag itself too.
 */
const DESCRIBE_SUFFIX = /(?:-(\d+)-g([0-9a-f]{4,40}))?(-dirty|-broken)?$/;

/** A semantic version as semver.org defines it, with or without the `v` of tags. */
const SEMANTIC =
  /^v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;
const LONGEST_VERSION = 256;

interface ReadVersion {
  /** The version without the describe suffix, as semver writes it. */
  base: string;
  /** Commits since `base`. */
  commits: number;
  /** Which of the builds that are as far from `base` it is; undefined when there is no describe suffix. */
  build: string | undefined;
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
  if (a.version === b.version) return isReadableVersion(a.version) && (sameBuild || !hasSuffix(a.version));
  const left = readVersion(a.version);
  const right = readVersion(b.version);
  if (!left || !right || left.base !== right.base) return false;
  if (left.build === undefined || right.build === undefined) return true;
  return left.commits === right.commits && left.build === right.build && sameBuild;
}

/**
 * -1, 0 or 1 when `a` is older than, the same as, or newer than `b`. Undefined when one is unreadable, or when they are
 * different commits at the same distance from a tag, or one of them has changes of its own, which cannot be ordered.
 */
export function compareVersions(a: string | undefined, b: string | undefined): -1 | 0 | 1 | undefined {
  const left = readVersion(a);
  const right = readVersion(b);
  if (!left || !right) return undefined;
  const byBase = compareBases(left.base, right.base);
  if (byBase !== 0) return byBase;
  if (left.commits !== right.commits) return left.commits < right.commits ? -1 : 1;
  return left.build === right.build ? 0 : undefined;
}

/** True for a version that can be compared. */
export function isReadableVersion(version: string | undefined): version is string {
  return typeof version === "string" && version.length <= LONGEST_VERSION && SEMANTIC.test(version);
}

function readVersion(version: string | undefined): ReadVersion | undefined {
  if (!isReadableVersion(version)) return undefined;
  const [suffix = "", commits = "0", sha = "", dirty = ""] = DESCRIBE_SUFFIX.exec(version) ?? [];
  // semver would take `1.2.3-5-gabcd` for a pre-release, and so for older than 1.2.3.
  const tagged = version.slice(0, version.length - suffix.length);
  // Build metadata and the tag's `v` are not compared.
  const base = tagged.replace(/^v/, "").replace(/\+.*$/, "");
  return { base, commits: Number(commits), build: suffix === "" ? undefined : `${sha}${dirty}` };
}

function hasSuffix(version: string): boolean {
  return DESCRIBE_SUFFIX.exec(version)?.[0] !== "";
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
