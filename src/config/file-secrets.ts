import { readFile } from "node:fs/promises";

import { expand, type Environment } from "./expand.js";
import { secretsOfEntry } from "./entry-secrets.js";

/**
 * The secrets in the `servers.json` at `path`, read now: every value of env and headers, and the user part and query of
 * URLs, both as written and with variables from `env`. Includes entries that are disabled or wrong, and whatever can be
 * parsed of a file with syntax errors, since the log may contain values of all of them. A missing file has no secrets.
 * Rejects if the file cannot be read, since its secrets are then unknown.
 */
export async function secretsOfFile(path: string, env: Environment): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path} cannot be read, so its secrets are not known`, { cause: error });
  });
  if (text === undefined) return [];
  const { parse } = await import("jsonc-parser");
  const root = record(parse(text.replace(/^\uFEFF/, ""), undefined, { allowTrailingComma: true }));
  const entries = Object.values(record(root["mcpServers"])).map(record);
  const readings: ((value: unknown) => string)[] = [String, (value) => expanded(String(value), env)];
  const secrets = entries.flatMap((entry) =>
    readings.flatMap((reading) =>
      secretsOfEntry({
        env: texts(entry["env"], reading),
        headers: texts(entry["headers"], reading),
        url: entry["url"] === undefined ? undefined : reading(entry["url"]),
      }),
    ),
  );
  return [...new Set(secrets)];
}

function expanded(text: string, env: Environment): string {
  const expansion = expand(text, env);
  return expansion.ok ? expansion.text : text;
}

function texts(map: unknown, reading: (value: unknown) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record(map)).map(([name, value]) => [name, reading(value)]));
}

/** Any other value counts as an object without members. */
function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
