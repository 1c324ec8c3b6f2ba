import type compareFunction from "semver/functions/compare.js";

/** What `git describe` appends to the last tag: `-<commits since>-g<abbreviated sha>`. */
const DESCRIBE_SUFFIX = /-(\d+)-g([0-9a-f]{4,40})$/;

/** A semantic version as semver.org defines it, or with the `v` that tags have. */
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
 * Are these two versions in step?
 * Both with a describe suffix: only when they are equal, build ids included where both are known.
 * Otherwise the suffix is stripped from the side that has it and the rest must be equal; pre-release tags count.
 * An unreadable or missing version is never in step with anything, itself included.
 */
export function versionsMatch(
  a: { version: string | undefined; buildId?: string | undefined },
  b: { version: string | undefined; buildId?: string | undefined },
): boolean {
  const sameBuild = !a.buildId || !b.buildId || a.buildId === b.buildId;
  // By far the most frequent case, and the one that every warm call waits for.
  if (a.version === b.version) return isReadableVersion(a.version) && (sameBuild || !DESCRIBE_SUFFIX.test(a.version));
  const left = readVersion(a.version);
  const right = readVersion(b.version);
  if (!left || !right || left.base !== right.base) return false;
  if (left.sha === undefined || right.sha === undefined) return true;
  return left.commits === right.commits && left.sha === right.sha && sameBuild;
}

/**
 * -1, 0 or 1 as `a` is older than, as new as, or newer than `b`; undefined when one is unreadable or when the two are
 * different commits at the same distance from a tag, which no rule can order.
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

/** Can this version be compared at all? */
export function isReadableVersion(version: string | undefined): version is string {
  return typeof version === "string" && version.length <= LONGEST_VERSION && SEMANTIC.test(version);
}

function readVersion(version: string | undefined): ReadVersion | undefined {
  if (!isReadableVersion(version)) return undefined;
  const suffix = DESCRIBE_SUFFIX.exec(version);
  // Stripped before semver sees it: to semver, `1.2.3-5-gabcd` would be a pre-release and so older than 1.2.3.
  const tagged = suffix ? version.slice(0, suffix.index) : version;
  // Build metadata and the tag's `v` are no part of what is compared.
  const base = tagged.replace(/^v/, "").replace(/\+.*$/, "");
  return { base, commits: suffix ? Number(suffix[1]) : undefined, sha: suffix?.[2] };
}

/**
 * semver is loaded when two versions are to be ordered, and not to find that they differ: it builds its regular
 * expressions as it is loaded, which takes longer than the whole handshake.
 */
function compareBases(a: string, b: string): -1 | 0 | 1 | undefined {
  if (a === b) return 0;
  // The bundler makes it lazy; an import would not be, or not be synchronous.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const compare = require("semver/functions/compare.js") as typeof compareFunction;
  try {
    return compare(a, b);
  } catch {
    // Numbers that are larger than semver takes.
    return undefined;
  }
}
