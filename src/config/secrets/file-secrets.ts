import { readFile } from "node:fs/promises";
import { dirname } from "node:path";

import { envFilePath, parseEnvFile } from "../entry/env-file.js";
import { SERVERS_KEYS, URL_KEYS } from "../entry/keys.js";
import { expand, type Environment } from "../expand.js";
import { secretsOfEntry } from "./entry-secrets.js";

/**
 * The secrets in the `servers.json` at `path`, read now, both as written and with variables from `env`. Includes those of
 * entries that are disabled or wrong, of the files that `envFile` names, and of whatever can be parsed of a file with
 * syntax errors, since the log may contain values of all of them. A missing file has no secrets. Rejects if the file
 * cannot be read, since its secrets are then unknown.
 */
export async function secretsOfFile(path: string, env: Environment): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path} cannot be read, so its secrets are not known`, { cause: error });
  });
  if (text === undefined) return [];
  const { parse } = await import("jsonc-parser");
  const root = record(parse(text.replace(/^\uFEFF/, ""), undefined, { allowTrailingComma: true }));
  const entries = SERVERS_KEYS.flatMap((key) => Object.values(record(root[key])));
  const secrets = await Promise.all(entries.map((entry) => secretsIn(record(entry), env, dirname(path))));
  return [...new Set(secrets.flat())];
}

async function secretsIn(entry: Record<string, unknown>, env: Environment, directory: string): Promise<string[]> {
  const variables = textsIn(entry).flatMap((text) => {
    const expansion = expand(text, env);
    return expansion.ok ? expansion.values : [];
  });
  const ofFile = await readEnvFile(entry, env, directory);
  const readings: ((value: unknown) => string)[] = [String, (value) => expanded(String(value), env)];
  return readings.flatMap((reading) => [
    ...secretsOfEntry({
      env: texts(entry["env"], reading),
      headers: texts(entry["headers"], reading),
      args: [entry["command"], entry["args"]].flat().map(reading),
      variables,
    }),
    ...URL_KEYS.flatMap((key) => secretsOfEntry({ url: reading(entry[key] ?? "") })),
    ...secretsOfEntry({ env: ofFile }),
  ]);
}

/** The variables in an entry's `envFile`; none of a file that cannot be read. */
async function readEnvFile(
  { envFile, cwd }: Record<string, unknown>,
  env: Environment,
  directory: string,
): Promise<Record<string, string>> {
  if (typeof envFile !== "string" || envFile === "") return {};
  const home = env["HOME"] ?? "";
  const path = (text: string): string => expanded(text, env).replace(/^~(?=\/)/, () => home);
  const start = typeof cwd === "string" && cwd !== "" ? path(cwd) : undefined;
  return parseEnvFile(await readFile(envFilePath(path(envFile), start, directory), "utf8").catch(() => ""));
}

function expanded(text: string, env: Environment): string {
  const expansion = expand(text, env);
  return expansion.ok ? expansion.text : text;
}

/** An object of texts, or a list of `NAME=value`. */
function texts(map: unknown, reading: (value: unknown) => string): Record<string, string> {
  const pairs: [string, string][] = Array.isArray(map)
    ? map.map((item) => divided(reading(item)))
    : Object.entries(record(map)).map(([name, value]) => [name, reading(value)]);
  return Object.fromEntries(pairs);
}

function divided(assignment: string): [string, string] {
  const equals = assignment.indexOf("=");
  return [assignment.slice(0, equals), assignment.slice(equals + 1)];
}

/** Every text in a value, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Any other value counts as an object without members. */
function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
