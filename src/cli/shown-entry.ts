import { secretsOfEntry, type SecretFields } from "../config/secrets/entry-secrets.js";
import { blotter } from "../text/blot.js";
import { isObject } from "../wire/message.js";

/** An entry of `servers.json` (JSON text) on one line, with its secrets blotted out; references to variables stay. */
export function withoutSecrets(json: string): string {
  const entry: unknown = JSON.parse(json);
  if (!isObject(entry)) return "…";
  const { env, headers, url, serverUrl, httpUrl, args } = entry;
  const address = [url, serverUrl, httpUrl].find((one) => typeof one === "string");
  const fields: SecretFields = {
    env: textsOf(env),
    headers: textsOf(headers),
    url: address,
    args: Array.isArray(args) ? (args as unknown[]).map(String) : [],
  };
  const blot = blotter(secretsOfEntry(fields));
  const blotted = (value: unknown): unknown => {
    if (typeof value === "string") return blot(value);
    if (Array.isArray(value)) return (value as unknown[]).map(blotted);
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, blotted(one)])) : value;
  };
  return JSON.stringify(blotted(entry));
}

function textsOf(map: unknown): Record<string, string> {
  const texts = Object.entries(isObject(map) ? map : {}).map(([key, value]) => [key, String(value)] as const);
  return Object.fromEntries(texts.filter(([, value]) => !/^\$\{[^}]*\}$/.test(value)));
}
