/** One hosted server as configured: variables expanded, durations in milliseconds, defaults filled in. */
export type ServerConfig = StdioConfig | UrlConfig;

interface EntryValues {
  /** What the `${…}` of the entry stood for, which may be secret. Absent: it has none. */
  variables?: readonly string[];
}

export interface StdioConfig extends Lifecycle, EntryValues {
  kind: "stdio";
  command: string;
  args: string[];
  /** Added to the login environment. */
  env: Record<string, string>;
  /** Absolute; undefined: the user's home directory. */
  cwd: string | undefined;
}

export interface UrlConfig extends Lifecycle, EntryValues {
  kind: "url";
  url: string;
  headers: Record<string, string>;
  /** "sse": MCP's older transport, HTTP with SSE. "http": Streamable HTTP, or the older one where that is refused. */
  transport: "http" | "sse";
}

export interface Lifecycle {
  /** "shared": one process for all clients. "session": one for each. */
  share: "shared" | "session";
  /** Stopped after this long without a request, ms; Infinity: never. */
  idleMs: number;
  /**
   * True: the idle time begins when the last client that has used the server has gone, since the server may keep something
   * for its clients. False for an idle time of the entry's own.
   */
  keptByClients: boolean;
  start: "lazy" | "eager";
  /** Bound of one request, ms; Infinity: unbounded. */
  timeoutMs: number;
  /** Bound of a start, from spawn to the answer to `initialize`, ms; Infinity: unbounded. */
  startTimeoutMs: number;
  /** How many tool calls may run at once, over all clients; the others wait. Infinity: as many as there are. */
  concurrency: number;
}

export const DEFAULT_LIFECYCLE: Lifecycle = {
  share: "shared",
  idleMs: 10 * 60_000,
  keptByClients: true,
  start: "lazy",
  timeoutMs: 60 * 60_000,
  // The first `npx` of a package downloads it meanwhile.
  startTimeoutMs: 60_000,
  concurrency: Infinity,
};

/**
 * Why `name` can't be a server's name; undefined if it can. Other programs take any label, blanks and umlauts included,
 * so nearly any is taken here.
 */
export function problemWithName(name: string): string | undefined {
  if (name.trim() === "") return "a server's name may not be empty";
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name))
    return "a server's name may not contain line ends or other control characters";
  if (name.length > MAX_NAME) return `a server's name may have at most ${MAX_NAME} characters`;
  return undefined;
}

const MAX_NAME = 128;

/** Why HTTP allows no such header; undefined if it does. Never contains the value. */
export function problemWithHeader(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
    return "is not the name of a header: letters, digits and hyphens are allowed";
  return /[^\t\x20-\x7e\x80-\xff]/.test(value)
    ? "has a value with line breaks or other characters that a header may not have"
    : undefined;
}
