import type { BreadcrumbCause } from "../version/restart-cause.js";
import { escapeToOneLine } from "../text/escape-control-characters.js";
import { truncated } from "../text/truncate.js";
import {
  encoded,
  integer,
  oneOf,
  optional,
  phrase,
  quoted,
  rowReader,
  word,
  writeRow,
  type Field,
  type Row,
} from "./text-row.js";

/** What happened to the daemon, why, and who caused it: the lines of `serve.log` with level `event`. */
export type Breadcrumb =
  | { kind: "ready"; pid: number; version?: string | undefined }
  | RestartReason
  | { kind: "stopping"; reason: string; by: string; drainMs: number }
  | { kind: "cut-off"; calls: CutOffCall[] }
  | { kind: "stopped"; uptimeMs: number }
  | { kind: "server-crashed"; server: string; exit: ServerExit; nextStartMs?: number | undefined }
  | { kind: "orphan-reaped"; server: string; pid: number }
  | { kind: "lock-lost"; path: string }
  | { kind: "wedge-recovered"; stoodStillMs: number }
  | { kind: "lines-lost"; count: number; error: string };

/** The content of `_LOCKSTEP_DAEMON_RESTART_REASON`, which the new daemon logs as a breadcrumb. */
export type RestartReason = Restart | { kind: "restarted-unclear"; raw: string };

export interface Restart {
  kind: "restarted";
  why: BreadcrumbCause;
  prev: string;
  now: string;
  /** The pid of the client that restarted the daemon. */
  byPid: number;
  /** The reason that the user gave. */
  text?: string | undefined;
}

export interface CutOffCall {
  server: string;
  tool: string;
  count: number;
}

export type ServerExit = { code: number } | { signal: string };

export function breadcrumbText(breadcrumb: Breadcrumb): string {
  const row: Row<object> = TABLE[breadcrumb.kind];
  return writeRow(row, breadcrumb);
}

/** Parses the log line `component: text` as a breadcrumb; undefined if it is not a known one. */
export function parseBreadcrumb(component: string, text: string): Breadcrumb | undefined {
  if (component !== BREADCRUMB_COMPONENT) return undefined;
  readers ??= Object.entries<Row<object>>(TABLE).map(([kind, row]) => ({ kind, read: rowReader(row) }));
  for (const { kind, read } of readers) {
    const facts = read(text);
    if (facts) return { kind, ...facts } as Breadcrumb;
  }
  return undefined;
}

/** The component of all breadcrumbs. PreviewsMCP's daemon uses the same name. */
export const BREADCRUMB_COMPONENT = "daemon";

/** The value of `_LOCKSTEP_DAEMON_RESTART_REASON`: `prev=X,now=Y,by=pidN`, with more only if the cause is not drift. */
export function formatRestartReason(restart: Omit<Restart, "kind">): string {
  return writeRow(REASON, restart);
}

/** Parses that value. One that cannot be parsed is kept as printable, bounded text, since the daemon starts anyway. */
export function parseRestartReason(value: string): RestartReason {
  const restart = value.length <= 4096 ? rowReader(REASON)(value) : undefined;
  return restart
    ? { kind: "restarted", ...restart }
    : { kind: "restarted-unclear", raw: truncated(escapeToOneLine(value), 200) };
}

type Facts<K extends Breadcrumb["kind"]> = Omit<Extract<Breadcrumb, { kind: K }>, "kind">;

const callList: Field<CutOffCall[]> = {
  pattern: "\\d+ calls?(?:: \\S+ ×\\d+(?:, \\S+ ×\\d+)*)?(?:, and \\d+ more)?",
  write: (list) => {
    const total = list.reduce((sum, call) => sum + call.count, 0);
    const named = list.slice(0, 20);
    const rest = total - named.reduce((sum, call) => sum + call.count, 0);
    const names = named.map(({ server, tool, count }) => `${slashless(server)}/${word.write(tool)} ×${count}`);
    const items = rest > 0 ? [...names, `and ${rest} more`] : names;
    return `${total} ${total === 1 ? "call" : "calls"}${items.length > 0 ? `: ${items.join(", ")}` : ""}`;
  },
  read: (text) =>
    [...text.matchAll(/(?:: |, )([^\s/]+)\/(\S+) ×(\d+)/gu)].map((match) => ({
      server: word.read(match[1]!),
      tool: word.read(match[2]!),
      count: Number(match[3]),
    })),
};

const exit: Field<ServerExit> = {
  pattern: "exit code -?\\d+|signal \\w+",
  write: (value) => ("code" in value ? `exit code ${value.code}` : `signal ${value.signal}`),
  read: (text) =>
    text.startsWith("signal ") ? { signal: text.slice("signal ".length) } : { code: Number(text.split(" ")[2]) },
};

/** `1d 2h 3m 4.005s`, without leading zero units. */
const duration: Field<number> = {
  pattern: "(?:\\d+d )?(?:\\d+h )?(?:\\d+m )?\\d+\\.\\d{3}s",
  write: (value) => {
    const ms = Math.max(0, Math.round(value));
    const days = Math.floor(ms / DAY);
    const hours = Math.floor((ms % DAY) / HOUR);
    const minutes = Math.floor((ms % HOUR) / MINUTE);
    const parts = [`${days}d`, `${hours}h`, `${minutes}m`, `${((ms % MINUTE) / 1000).toFixed(3)}s`];
    return parts.slice([days, hours, minutes, 1].findIndex((part) => part > 0)).join(" ");
  },
  read: (text) => {
    const unit = (name: string): number => Number(new RegExp(`(\\d+)${name}`).exec(text)?.[1] ?? 0);
    return unit("d") * DAY + unit("h") * HOUR + unit("m") * MINUTE + Number(/[\d.]+(?=s)/.exec(text)?.[0]) * 1000;
  },
};
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The text of every breadcrumb, from which both writer and parser come. The order matters if one text is a case of
 * another. The wording of `restarted` for drift is fixed, since PreviewsMCP's and our tests count such lines.
 */
const TABLE: { [K in Breadcrumb["kind"]]: Row<Facts<K>> } = {
  ready: { text: "ready (pid {pid}{version})", fields: { pid: integer, version: optional(", version ", word) } },
  restarted: {
    text: "started after {why} restart (prev={prev},now={now},by=pid{byPid}{text})",
    fields: {
      why: oneOf({ "version-mismatch": "version-mismatch", requested: "requested", unresponsive: "unresponsive" }),
      prev: word,
      now: word,
      byPid: integer,
      text: optional(", reason ", quoted),
    },
  },
  "restarted-unclear": { text: "started after version-mismatch restart ({raw})", fields: { raw: phrase } },
  stopping: {
    text: "stopping ({reason}, asked by {by}, drain {drainMs} ms)",
    fields: { reason: phrase, by: phrase, drainMs: integer },
  },
  "cut-off": { text: "cut off {calls}", fields: { calls: callList } },
  stopped: { text: "stopped (uptime {uptimeMs})", fields: { uptimeMs: duration } },
  "server-crashed": {
    text: "server {server} crashed ({exit}{nextStartMs})",
    fields: { server: phrase, exit, nextStartMs: optional(", next start in ", milliseconds()) },
  },
  "orphan-reaped": {
    text: "reaped orphan of server {server} (pid {pid})",
    fields: { server: phrase, pid: integer },
  },
  "lock-lost": { text: "lock lost ({path} is no longer ours)", fields: { path: phrase } },
  "wedge-recovered": {
    text: "recovered after standing still for {stoodStillMs} ms",
    fields: { stoodStillMs: integer },
  },
  "lines-lost": { text: "lost {count} log lines ({error})", fields: { count: integer, error: phrase } },
};

const REASON: Row<Omit<Restart, "kind">> = {
  text: "prev={prev},now={now},by=pid{byPid}{why}{text}",
  fields: {
    prev: word,
    now: word,
    byPid: integer,
    why: oneOf({ "version-mismatch": "", requested: ",why=requested", unresponsive: ",why=unresponsive" }),
    text: optional(",text=", encoded),
  },
};

let readers: { kind: string; read: (text: string) => object | undefined }[] | undefined;

function milliseconds(): Field<number> {
  return {
    pattern: `${integer.pattern} ms`,
    write: (value) => `${integer.write(value)} ms`,
    read: (text) => integer.read(text.slice(0, -" ms".length)),
  };
}

/** The parser takes the first slash for the end of the server's name, so a slash in the name is escaped. */
function slashless(server: string): string {
  return word.write(server).replaceAll("/", "%2F");
}
