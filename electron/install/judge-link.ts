import { basename, dirname, resolve } from "node:path";

/** What exists at the path of the link `lockstep`. */
export type FoundLink =
  { is: "nothing" } | { is: "link"; target: string; leadsTo: string | undefined } | { is: "something-else" };

/** `foreign`: neither replaced nor removed. */
export type LinkVerdict = { is: "free" } | { is: "ours" } | { is: "stale" } | { is: "foreign"; what: string };

/**
 * Whether the link at `path` may be replaced or removed; `program` is this installation's command line. A link to a
 * Lockstep that was deleted may be replaced; one that works belongs to another installation.
 */
export function judgeLink(path: string, found: FoundLink, program: string): LinkVerdict {
  switch (found.is) {
    case "nothing":
      return { is: "free" };
    case "something-else":
      return { is: "foreign", what: `${path} is not a link made by Lockstep` };
    case "link": {
      const target = resolve(dirname(path), found.target);
      if (target === program || found.leadsTo === program) return { is: "ours" };
      if (found.leadsTo === undefined && isCommandLine(target)) return { is: "stale" };
      return { is: "foreign", what: `${path} is a link to ${target}` };
    }
  }
}

/** Its path in every packaged Lockstep. */
function isCommandLine(target: string): boolean {
  const bin = dirname(target);
  const resources = basename(dirname(bin)).toLowerCase();
  return basename(target) === "lockstep" && basename(bin) === "bin" && resources === "resources";
}
