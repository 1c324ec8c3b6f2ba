/** One hosted server as configured: variables expanded, durations in milliseconds, defaults filled in. */
export type ServerConfig = StdioConfig | UrlConfig;

export interface StdioConfig extends Lifecycle {
  kind: "stdio";
  command: string;
  args: string[];
  /** Added to the login environment. */
  env: Record<string, string>;
  /** Absolute; undefined: the user's home. */
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
  /** Stopped after so long without a request; Infinity: never. */
  idleMs: number;
  start: "lazy" | "eager";
  /** Bound of one request; Infinity: none. */
  timeoutMs: number;
}

export const DEFAULT_LIFECYCLE: Lifecycle = {
  share: "shared",
  idleMs: 10 * 60_000,
  start: "lazy",
  timeoutMs: 60 * 60_000,
};

const NAME_PATTERN = /^[A-Za-z0-9._-]+$/;

/** Why `name` cannot be a server's name, or undefined when it can. `__` divides server and tool, so a name may not hold it. */
export function problemWithName(name: string): string | undefined {
  if (!NAME_PATTERN.test(name)) return "a server's name may hold letters, digits, '.', '_' and '-' only";
  if (name.includes("__")) return "a server's name may not hold '__', which divides server and tool";
  if (name.length > 64) return "a server's name may be 64 characters long at most";
  return undefined;
}
