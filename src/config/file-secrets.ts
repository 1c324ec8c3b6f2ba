import { readFile } from "node:fs/promises";

import { expand, type Environment } from "./expand.js";
import { secretsOfEntry } from "./entry-secrets.js";

/**
 * What the `servers.json` at `path` holds in secret, read now: every value of env, headers, and a URL's user part and
 * query, as it is written and with its variables from `env`. It takes entries that are disabled or wrong, and of a file
 * that is no JSON whatever can be read, since a log may still tell of all of them.
 * Rejects when there is a file that cannot be read: then nobody knows what is secret.
 */
export async function secretsOfFile(path: string, env: Environment): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path} cannot be read, so what it holds in secret is not known`, { cause: error });
  });
  if (text === undefined) return [];
  const { parse } = await import("jsonc-parser");
  const root = record(parse(text.replace(/^\uFEFF/, ""), undefined, { allowTrailingComma: true }));
  const entries = Object.values(record(root["mcpServers"])).map(record);
  const ways: ((value: unknown) => string)[] = [String, (value) => expanded(String(value), env)];
  const secrets = entries.flatMap((entry) =>
    ways.flatMap((way) =>
      secretsOfEntry({
        env: texts(entry["env"], way),
        headers: texts(entry["headers"], way),
        url: entry["url"] === undefined ? undefined : way(entry["url"]),
      }),
    ),
  );
  return [...new Set(secrets)];
}

function expanded(text: string, env: Environment): string {
  const expansion = expand(text, env);
  return expansion.ok ? expansion.text : text;
}

function texts(map: unknown, way: (value: unknown) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record(map)).map(([name, value]) => [name, way(value)]));
}

/** Whatever is no object has no members. */
function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
