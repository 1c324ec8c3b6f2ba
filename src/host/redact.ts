import type { ServerConfig } from "../config/server-config.js";

const SECRET_KEY = /key|token|secret|pass|pwd|auth|cred|cookie|session|private/i;

/** Shorter values would blot out half of every line, and guard nothing. */
const MIN_LENGTH = 6;

/** A filter for a server's own words (stderr, errors) that blots out what its configuration holds in secret. */
export function redactor(config: ServerConfig): (text: string) => string {
  const secrets = secretsOf(config);
  if (secrets.length === 0) return (text) => text;
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, "…"), text);
}

function secretsOf(config: ServerConfig): string[] {
  switch (config.kind) {
    case "stdio": {
      const named = Object.entries(config.env).filter(([key]) => SECRET_KEY.test(key));
      return longEnough(named.map(([, value]) => value));
    }
    case "url": {
      // Of "Bearer abc" the second word is the secret; a URL's user part and query hold tokens, too.
      const { username, password, searchParams } = new URL(config.url);
      const headers = Object.values(config.headers).flatMap((value) => [value, ...value.split(/\s+/)]);
      return longEnough([...headers, username, password, ...searchParams.values()]);
    }
  }
}

function longEnough(values: string[]): string[] {
  const long = values.filter((value) => value.length >= MIN_LENGTH && value !== "Bearer");
  return long.sort((a, b) => b.length - a.length);
}
