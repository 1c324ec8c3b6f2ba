import { suggest } from "../../text/suggest.js";

/** The key above the servers: `mcpServers` in most files, `servers` in VS Code's. The first counts where both have one. */
export const SERVERS_KEYS = ["mcpServers", "servers"] as const;

/** The address of a remote server: the usual key, Windsurf's and Gemini CLI's. */
export const URL_KEYS = ["url", "serverUrl", "httpUrl"] as const;

/** What Lockstep reads of an entry. */
const READ = [
  "command",
  "args",
  "env",
  "envFile",
  "cwd",
  ...URL_KEYS,
  "headers",
  "type",
  "transport",
  "disabled",
  "enabled",
  "lockstep",
];

/** What other programs keep for themselves: permissions they don't ask for again, and labels. */
const OTHERS = new Set([
  "$schema",
  "alwaysAllow",
  "autoApprove",
  "trust",
  "name",
  "title",
  "description",
  "icon",
  "iconUrl",
  "gallery",
  "version",
  "metadata",
  "tags",
]);

/** Time limits of other programs, in seconds here and milliseconds there. */
const TIME_LIMITS = new Set([
  "timeout",
  "requestTimeout",
  "tool_timeout_sec",
  "startup_timeout_sec",
  "initTimeout",
  "startupTimeout",
]);

/** Why a key of an entry has no effect; undefined if it has one, or belongs to another program. */
export function problemWithKey(key: string): string | undefined {
  if (READ.includes(key) || OTHERS.has(key)) return undefined;
  if (TIME_LIMITS.has(key))
    return 'has no effect. Use "lockstep": {"timeout": "90s"} for calls, "startTimeout" for the start';
  const similar = suggest(key, READ);
  const hint = similar === undefined ? "" : `. Did you mean "${similar}"?`;
  return `is not a known key, so it has no effect${hint}`;
}
