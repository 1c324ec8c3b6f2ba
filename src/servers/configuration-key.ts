import type { ServerConfig } from "../config/server-config.js";

/** The SHA-256, in hex, of what is started or connected to: what is known of a server holds as long as that stays the same. */
export function configurationKey(config: ServerConfig): string {
  const started =
    config.kind === "stdio"
      ? [config.command, config.args, Object.entries(config.env).sort(), config.cwd]
      : [config.url, Object.entries(config.headers).sort()];
  // Not imported: the daemon's way to its first accept does without it.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256")
    .update(JSON.stringify([config.kind, ...started]))
    .digest("hex");
}

/** True if a text in `value` is, or holds, something that `redact` blots out. */
export function holdsSecret(value: unknown, redact: (text: string) => string): boolean {
  if (typeof value === "string") return redact(value) !== value;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, member]) => redact(key) !== key || holdsSecret(member, redact));
}
