/** One hosted server as configured: variables expanded, durations in milliseconds, defaults filled in. */
export type ServerConfig = StdioConfig | UrlConfig;

export interface StdioConfig extends Lifecycle {
  kind: "stdio";
  command: string;
  args: string[];
  /** Added to the login environment. */
  env: Record<string, string>;
  /** Absolute; undefined: the user's home directory. */
  cwd: string | undefined;
}

export interface UrlConfig extends Lifecycle {
  kind: "url";
  url: string;
  headers: Record<string, string>;
}

export interface Lifecycle {
  /** "shared": one process for all clients. "session": one for each. */
  share: "shared" | "session";
  /** Stopped after this long without a request, ms; Infinity: never. */
  idleMs: number;
  start: "lazy" | "eager";
  /** Bound of one request, ms; Infinity: unbounded. */
  timeoutMs: number;
}

export const DEFAULT_LIFECYCLE: Lifecycle = {
  share: "shared",
  idleMs: 10 * 60_000,
  start: "lazy",
  timeoutMs: 60 * 60_000,
};

const NAME_PATTERN = /^[A-Za-z0-9._-]+$/;

/** Why `name` is not a valid server name; undefined if it is. `__` separates server and tool, so names may not contain it. */
export function problemWithName(name: string): string | undefined {
  if (!NAME_PATTERN.test(name)) return "a server's name may contain only letters, digits, '.', '_' and '-'";
  if (name.includes("__")) return "a server's name may not contain '__', which separates server and tool";
  if (name.length > 64) return "a server's name may have at most 64 characters";
  return undefined;
}
