import compare from "semver/functions/compare.js";
import parse from "semver/functions/parse.js";

/** What `git describe` appends to the last tag: `-<commits since>-g<abbreviated sha>`. */
const DESCRIBE_SUFFIX = /-(\d+)-g([0-9a-f]{4,40})$/;

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
  const left = readVersion(a.version);
  const right = readVersion(b.version);
  if (!left || !right || left.base !== right.base) return false;
  if (left.sha === undefined || right.sha === undefined) return true;
  if (left.commits !== right.commits || left.sha !== right.sha) return false;
  return !a.buildId || !b.buildId || a.buildId === b.buildId;
}

/**
 * -1, 0 or 1 as `a` is older than, as new as, or newer than `b`; undefined when one is unreadable or when the two are
 * different commits at the same distance from a tag, which no rule can order.
 */
export function compareVersions(a: string | undefined, b: string | undefined): -1 | 0 | 1 | undefined {
  const left = readVersion(a);
  const right = readVersion(b);
  if (!left || !right) return undefined;
  const byBase = compare(left.base, right.base);
  if (byBase !== 0) return byBase;
  const byCommits = Math.sign((left.commits ?? 0) - (right.commits ?? 0));
  if (byCommits !== 0) return byCommits < 0 ? -1 : 1;
  return left.sha === right.sha ? 0 : undefined;
}

/** Can this version be compared at all? */
export function isReadableVersion(version: string | undefined): boolean {
  return readVersion(version) !== undefined;
}

function readVersion(version: string | undefined): ReadVersion | undefined {
  if (typeof version !== "string" || version.length > 256) return undefined;
  const suffix = DESCRIBE_SUFFIX.exec(version);
  // Stripped before semver sees it: to semver, `1.2.3-5-gabcd` would be a pre-release and so older than 1.2.3.
  const parsed = parse(suffix ? version.slice(0, suffix.index) : version);
  if (!parsed) return undefined;
  return { base: parsed.version, commits: suffix ? Number(suffix[1]) : undefined, sha: suffix?.[2] };
}
