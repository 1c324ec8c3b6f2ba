import { secretsOfEntry } from "../../config/entry-secrets.js";
import type { ServerConfig } from "../../config/server-config.js";

const SECRET_KEY = /key|token|secret|pass|pwd|auth|cred|cookie|session|private/i;

/** A filter for a server's stderr and errors: replaces the secrets of its configuration by `…`. */
export function redactor(config: ServerConfig): (text: string) => string {
  const secrets = secretsOf(config);
  if (secrets.length === 0) return (text) => text;
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, "…"), text);
}

function secretsOf(config: ServerConfig): string[] {
  switch (config.kind) {
    case "stdio": {
      // Only variables whose names say so count as secret: with all values replaced the log could not be read.
      const named = Object.entries(config.env).filter(([key]) => SECRET_KEY.test(key));
      return secretsOfEntry({ env: Object.fromEntries(named), headers: {}, url: undefined });
    }
    case "url":
      return secretsOfEntry({ env: {}, headers: config.headers, url: config.url });
  }
}
