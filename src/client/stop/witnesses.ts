/** What is known about the process behind a daemon's socket, each from a source of its own. */
export interface Witnesses {
  /** Could a fresh connection be made? Without one the kernel names no process. */
  connected: boolean;
  /** The process that called listen(), as the kernel names it: after a fork it may be gone, or be only a supervisor. */
  kernelPid: number | undefined;
  /** What answers on the socket says that this is its pid. */
  identityPid: number | undefined;
  /** `serve.json`. */
  recorded: Dated | undefined;
  /** The machine that `serve.json` comes from, if it is another one. */
  recordedElsewhere: string | undefined;
  /** The process that a client launched last, as it noted itself. */
  spawned: Dated | undefined;
  /** `serve.pid`, whose word alone is never enough: its pid may belong to another process by now. */
  pidFile: number | undefined;
  /** The process that took `daemon.lock`, as the kernel names it: a client that started a daemon may have, too. */
  lockTaker: number | undefined;
  /** `daemon.lock` is taken; undefined for a daemon that has none. */
  lockTaken: boolean | undefined;
  /** When the socket was made, epoch ms. */
  socketMadeMs: number | undefined;
}

/** A pid with the start time by which no later process can be mistaken for it. */
export interface Dated {
  pid: number;
  startTime: string;
}

/** A process that runs now. */
export interface RunningProcess {
  startTime: string;
  /** Epoch ms, by the clock as it is set now; undefined where the system does not say. */
  startedMs: number | undefined;
  /** It belongs to this user, and is neither init, nor this process or one that it descends from. */
  mayBeSignalled: boolean;
}

/** What may be signalled, or why nothing may. */
export type Verdict = { proven: Dated } | { proven: undefined; why: string };

/** Start times are rounded to the second in places. */
const ROUNDING_MS = 2_000;

/**
 * The process that is the daemon for certain, since two witnesses agree on it. With a connection: the kernel and one
 * other; or what answers says the pid that is recorded with its start time, since after a fork, and behind a supervisor,
 * the kernel names another. Without one: the record, or the note of the client that launched it, while the lifetime lock is
 * taken; for a daemon without that lock, that note, unless `serve.pid` names another process.
 */
export function judgeWitnesses(witnesses: Witnesses, processOf: (pid: number) => RunningProcess | undefined): Verdict {
  const isCurrent = (dated: Dated | undefined): dated is Dated =>
    dated !== undefined && processOf(dated.pid)?.startTime === dated.startTime;
  const dated = [witnesses.recorded, witnesses.spawned].filter(isCurrent);
  const pid = agreedPid(witnesses, dated, processOf);
  if (pid === undefined) return { proven: undefined, why: whyNot(witnesses) };
  const found = processOf(pid);
  if (!found) return { proven: undefined, why: `process ${pid} is gone` };
  if (!found.mayBeSignalled) {
    return { proven: undefined, why: `process ${pid} is another user's, or one that this program descends from` };
  }
  return { proven: { pid, startTime: found.startTime } };
}

function agreedPid(
  witnesses: Witnesses,
  dated: readonly Dated[],
  processOf: (pid: number) => RunningProcess | undefined,
): number | undefined {
  const { connected, kernelPid, identityPid, pidFile, spawned } = witnesses;
  const isDated = (pid: number | undefined): boolean => dated.some((one) => one.pid === pid);
  if (!connected) {
    // The record, or for a daemon that has not come as far as writing one, the note of its start.
    if (witnesses.lockTaken !== undefined) return witnesses.lockTaken ? dated[0]?.pid : undefined;
    return spawned && isDated(spawned.pid) && (pidFile ?? spawned.pid) === spawned.pid ? spawned.pid : undefined;
  }
  if (identityPid !== undefined && isDated(identityPid)) return identityPid;
  if (kernelPid === undefined || (identityPid !== undefined && identityPid !== kernelPid)) return undefined;
  if (identityPid === kernelPid || isDated(kernelPid)) return kernelPid;
  const isNamed = pidFile === kernelPid || witnesses.lockTaker === kernelPid;
  return isNamed && isAsOldAsSocket(witnesses, processOf(kernelPid)) ? kernelPid : undefined;
}

/** A process that started after the socket was made has only got the pid of the one that made it. */
function isAsOldAsSocket({ socketMadeMs }: Witnesses, found: RunningProcess | undefined): boolean {
  if (socketMadeMs === undefined || found?.startedMs === undefined) return false;
  return found.startedMs <= socketMadeMs + ROUNDING_MS;
}

function whyNot(witnesses: Witnesses): string {
  const { connected, kernelPid, identityPid, recorded, recordedElsewhere, spawned, pidFile, lockTaker } = witnesses;
  if (!connected && recordedElsewhere !== undefined) return `it is the daemon of the machine "${recordedElsewhere}"`;
  const said = [
    ["the kernel", connected ? kernelPid : undefined],
    ["its answer", identityPid],
    ["serve.json", recorded?.pid],
    ["serve.pid", pidFile],
    ["the client that started it", spawned?.pid],
    ["the lock", lockTaker],
  ].filter(([, pid]) => pid !== undefined);
  if (said.length === 0) return "no process is named anywhere";
  return `its process is named by ${said.map(([who, pid]) => `${who} (${pid})`).join(", ")}; two that agree are needed`;
}
