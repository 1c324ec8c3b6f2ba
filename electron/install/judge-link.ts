import { basename, dirname, resolve } from "node:path";

/** What is found under the name that `lockstep` is to have on the PATH. */
export type FoundLink =
  { is: "nothing" } | { is: "link"; target: string; leadsTo: string | undefined } | { is: "something-else" };

/** `foreign`: not ours to replace or to remove. */
export type LinkVerdict = { is: "free" } | { is: "ours" } | { is: "stale" } | { is: "foreign"; what: string };

/**
 * Whose is the link at `path`, when `program` is our own command line? One to a Lockstep that is gone is free to be
 * replaced; one that works is left to whoever made it. Pure.
 */
export function judgeLink(path: string, found: FoundLink, program: string): LinkVerdict {
  switch (found.is) {
    case "nothing":
      return { is: "free" };
    case "something-else":
      return { is: "foreign", what: `${path} is there already, and is no link of Lockstep's` };
    case "link": {
      const target = resolve(dirname(path), found.target);
      if (target === program || found.leadsTo === program) return { is: "ours" };
      if (found.leadsTo === undefined && isCommandLine(target)) return { is: "stale" };
      return { is: "foreign", what: `${path} is a link to ${target}` };
    }
  }
}

/** As it lies in every packaged Lockstep. */
function isCommandLine(target: string): boolean {
  const bin = dirname(target);
  const resources = basename(dirname(bin)).toLowerCase();
  return basename(target) === "lockstep" && basename(bin) === "bin" && resources === "resources";
}
