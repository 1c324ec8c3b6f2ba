import type { StatePaths } from "./directory.js";
import { endFamily, markerOf, markerOfAll, membersOf, type Family } from "./family.js";
import { readProcessTable } from "./platform/process-table.js";
import { readIfThere, writeWhole } from "./whole-file.js";

/** A hosted server's process in `children.json`, from which the next daemon ends what a crash left behind. */
export interface RecordedChild {
  name: string;
  pid: number;
  /** Its process group; a hosted child leads its own, so it equals `pid`. */
  pgid: number;
  /** Empty if it ended before this could be read. */
  startTime: string;
  /** The value of FAMILY_VARIABLE in its environment. Older daemons set none. */
  family?: string;
}

/** What an earlier daemon left behind. */
export interface Orphans {
  /** Those that are being ended. `pid` is a living process of the family; the recorded one may be gone. */
  reaped: { name: string; pid: number }[];
  /** Resolves when all have ended, or when it is clear that some do not. */
  gone: Promise<void>;
  /** The entries of `children.json` whose processes have not all ended yet. */
  left(): RecordedChild[];
}

/** How long an orphan has to end between SIGTERM and SIGKILL, ms: its stdin was closed when its daemon died. */
const ORPHAN_GRACE_MS = 2_000;

/** Writes `children.json`. Throws if it cannot write. */
export function writeChildren(paths: StatePaths, children: readonly RecordedChild[]): void {
  writeWhole(paths.children, `${JSON.stringify(children)}\n`);
}

/**
 * Ends the hosted servers that an earlier daemon of this directory left behind, each with all that it has started: SIGTERM
 * at once, SIGKILL two seconds later to those that remain. After a crash, which leaves `serve.pid` behind, those that it
 * had no time to record as well. To be called by the holder of `daemon.lock`, before it starts servers of its own.
 */
export function reapOrphans(paths: StatePaths): Orphans {
  const recorded = readChildren(paths);
  const crashed = readIfThere(paths.pid) !== undefined;
  if (recorded.length === 0 && !crashed) return { reaped: [], gone: Promise.resolve(), left: () => [] };
  const table = readProcessTable();
  const left = new Set<RecordedChild>();
  const reaped: Orphans["reaped"] = [];
  const ending: Promise<void>[] = [];
  const known = new Set<number>();
  for (const child of recorded) {
    const family = familyOf(child);
    const members = membersOf(family, table);
    const [first] = members;
    if (first === undefined) continue;
    for (const { pid } of members) known.add(pid);
    left.add(child);
    reaped.push({ name: child.name, pid: (members.find(({ pid }) => pid === child.pid) ?? first).pid });
    ending.push(
      endFamily(family, ORPHAN_GRACE_MS).then((survivors) => {
        if (survivors.length === 0) left.delete(child);
      }),
    );
  }
  const everyFamily: Family = { leader: undefined, marker: markerOfAll(paths.dir) };
  const unrecorded = crashed ? membersOf(everyFamily, table).filter(({ pid }) => !known.has(pid)) : [];
  if (unrecorded[0] !== undefined) {
    reaped.push({ name: "unrecorded", pid: unrecorded[0].pid });
    ending.push(endFamily(everyFamily, ORPHAN_GRACE_MS).then(() => undefined));
  }
  return { reaped, gone: Promise.all(ending).then(() => undefined), left: () => [...left] };
}

function familyOf({ pid, startTime, family }: RecordedChild): Family {
  return {
    leader: startTime === "" ? undefined : { pid, startTime },
    marker: family === undefined ? undefined : markerOf(family),
  };
}

function readChildren(paths: StatePaths): RecordedChild[] {
  const text = readIfThere(paths.children);
  if (text === undefined) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter(isRecordedChild) : [];
  } catch {
    return [];
  }
}

function isRecordedChild(value: unknown): value is RecordedChild {
  const child = value as Partial<RecordedChild> | null;
  return (
    typeof child?.name === "string" &&
    Number.isSafeInteger(child.pid) &&
    Number.isSafeInteger(child.pgid) &&
    (child.pgid ?? 0) > 1 &&
    typeof child.startTime === "string" &&
    (child.family === undefined || (typeof child.family === "string" && child.family !== ""))
  );
}
