/** A line of which one number changes by the second; the window counts by itself. */
export type Line = string | Ticking;

/** `before`, then the time since or until `at`, then `after`. */
export interface Ticking {
  before: string;
  count: "since" | "until";
  at: number;
  after: string;
}

/** `3 h 12 min`, the two largest units; below ten seconds with a tenth where `exact`. */
export function duration(ms: number, exact = false): string {
  const seconds = Math.max(0, ms) / 1000;
  if (exact && seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Groups of three, with a space that does not break: no country reads it wrongly. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** Exact as long as it is short: from 100 000 on in thousands, millions … */
export function compact(value: number): string {
  if (value < 1e5) return grouped(value);
  const [unit, name] = value < 1e6 ? [1e3, "k"] : value < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const scaled = value / unit;
  return `${scaled < 10 ? scaled.toFixed(1) : grouped(Math.floor(scaled))}\u202f${name}`;
}

export function bytes(value: number): string {
  if (value < 1e6) return `${Math.round(value / 1e3)} kB`;
  if (value < 1e9) return `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB`;
  return `${(value / 1e9).toFixed(1)} GB`;
}

/** `1 call`, `2 calls`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/**
 * Who `cli (pid 812)` is, for people: our own pid is this app. What is no such name stays as it is.
 */
export function actor(by: string, ownPid: number): string {
  const match = /^(\w+) \(pid (\d+)\)$/.exec(by);
  if (!match) return by === "foreground" ? "a terminal, in the foreground" : by;
  const [, role, pid] = match;
  return Number(pid) === ownPid ? "this app" : `${ROLES[role ?? ""] ?? role} (PID ${pid})`;
}

const ROLES: Record<string, string> = {
  cli: "a terminal",
  tray: "the app",
  bridge: "an editor",
  library: "a program",
};

/** The same without the pid, where there is room for a word only. */
export function actorShortly(by: string, ownPid: number): string {
  return actor(by, ownPid).replace(/ \(PID \d+\)$|, in the foreground$/, "");
}

export function shown(line: Line, now: number): string {
  if (typeof line === "string") return line;
  // What is left is rounded up: "in 0 s" would be now.
  const ms = line.count === "since" ? now - line.at : Math.max(0, line.at - now) + 999;
  return `${line.before}${duration(ms)}${line.after}`;
}
