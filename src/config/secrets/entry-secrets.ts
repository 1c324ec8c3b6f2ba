import { isHarmlessHeader, isHarmlessVariable } from "./harmless-names.js";

/** The fields of a server's entry that may contain secrets. */
export interface SecretFields {
  env?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  url?: string | undefined;
  args?: readonly string[];
  /** What the entry's `${…}` stood for, wherever they were. */
  variables?: readonly string[];
}

/**
 * The values in these fields that must not be shown: every value of env and headers but those with a harmless name, the
 * user part, query and longer path segments of addresses, options of a program that are named after a secret, and what
 * variables stood for. With their parts, such as the lines of a key, and the forms in which programs print them.
 */
export function secretsOfEntry({ env = {}, headers = {}, url, args = [], variables = [] }: SecretFields): string[] {
  const values = [
    ...Object.entries(env).flatMap(([name, value]) => (isHarmlessVariable(name) ? [] : [value])),
    ...Object.entries(headers).flatMap(([name, value]) => (isHarmlessHeader(name) ? [] : secretsOfHeader(value))),
    ...(url === undefined ? [] : secretsOfUrl(url)),
    ...secretsOfArguments(args),
    ...variables,
  ];
  const parts = values.flatMap((value) => [value, ...partsOf(value)]);
  return [...new Set(parts.flatMap(formsOf))].filter((secret) => secret !== "" && !WORDS.has(secret));
}

/** Values that say nothing, and that would be missed in a log. */
const WORDS = new Set(["true", "false", "null", "none", "auto", "Bearer", "Basic", "Token", "http", "https"]);

/** In "Bearer abc" and "a=b; c=d" the single words are secret, and in "Basic …" what it encodes. */
function secretsOfHeader(value: string): string[] {
  const words = value.split(/[\s,;]+/);
  const [scheme = "", credentials = ""] = words;
  const decoded = /^basic$/i.test(scheme) ? Buffer.from(credentials, "base64").toString() : "";
  const pairs = words.map((word) => word.slice(word.indexOf("=") + 1));
  return [value, value.replace(/^\S+\s+/, ""), ...words, ...pairs, decoded, decoded.slice(decoded.indexOf(":") + 1)];
}

/** The options of a program whose names say that they hold a secret, and the user part and query of addresses. */
function secretsOfArguments(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    const [, name, value] = /^--?([\w.-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name !== undefined && SECRET_OPTION.test(name)) return [value ?? args[index + 1] ?? ""];
    return withoutPath(value ?? arg);
  });
}

const SECRET_OPTION = /key|token|secret|passw|pwd|auth|cred|cookie|private|dsn|conn/i;

function withoutPath(text: string): string[] {
  const { user, query } = partsOfUrl(text);
  return [...user, ...query];
}

function secretsOfUrl(url: string): string[] {
  const { user, query, path } = partsOfUrl(url);
  return [...user, ...query, ...path];
}

/** As written and decoded; nothing of a text that is no address. */
function partsOfUrl(text: string): { user: string[]; query: string[]; path: string[] } {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return { user: [], query: [], path: [] };
  const { username, password, search, pathname, hash } = new URL(text);
  const [name, word] = [decoded(username), decoded(password)];
  const pairs = search.slice(1).split("&");
  const values = pairs.map((pair) => pair.slice(pair.indexOf("=") + 1));
  const segments = `${pathname}/${hash.slice(1)}`.split("/").filter((segment) => segment.length >= LONG_SEGMENT);
  return {
    user: word === "" ? [username, name] : [username, password, name, word, `${name}:${word}`],
    query: [...values, ...values.map((value) => decoded(value.replaceAll("+", " ")))],
    path: [...segments, ...segments.map(decoded)],
  };
}

/** Shorter segments of a path, such as `mcp`, are names. */
const LONG_SEGMENT = 8;

/** The parts of a value that are secret on their own: programs print single lines of a key, or a password of an address. */
function partsOf(value: string): string[] {
  const lines = value.split(/\r\n|\r|\n/);
  const assigned = [...value.matchAll(ASSIGNMENT)].map((match) => match[1] ?? "");
  return [
    ...lines,
    ...lines.map((line) => line.trim()),
    ...assigned,
    ...secretsOfUrl(value.trim()),
    ...leavesOf(value),
  ];
}

/** `Password=…` in a connection string. */
const ASSIGNMENT = /(?:key|token|secret|passw(?:or)?d|pwd|sig|auth)\s*[=:]\s*([^;&\s"']+)/gi;

/** The texts in a JSON document, such as a service account's key. */
function leavesOf(value: string): string[] {
  if (!/^\s*[{[]/.test(value)) return [];
  const leaves: string[] = [];
  try {
    JSON.parse(value, (_key, leaf: unknown) => {
      if (typeof leaf === "string" && leaf.length >= LONG_SEGMENT) leaves.push(leaf, ...leaf.split("\n"));
    });
  } catch {
    // Not JSON.
  }
  return leaves;
}

/** A value as it is, and as JSON, addresses and base64 hold it. */
function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const forms = [value, value.trim(), json, JSON.stringify(json).slice(1, -1), ...urlForms(value)];
  // Short values would have an encoded form that is a common word.
  return value.length < LONG_SEGMENT ? forms : [...forms, ...base64Forms(value)];
}

function urlForms(value: string): string[] {
  const wellFormed = Buffer.from(value).toString(); // Half of a surrogate pair cannot be encoded.
  const component = encodeURIComponent(wellFormed);
  const lower = component.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  return [component, lower, component.replaceAll("%20", "+"), encodeURI(wellFormed)];
}

/** On its own, and the characters that belong to it alone inside of a longer text, at each of the three offsets. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value);
  const inside = [0, 1, 2].map((offset) => {
    const whole = Math.floor((offset + bytes.length) / 3) * 4;
    return Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .slice(OWN_FROM[offset], whole);
  });
  const forms = [bytes.toString("base64").replace(/=+$/, ""), ...inside];
  return [...forms, ...forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** The first character that holds no bit of what is in front, by the offset within a group of three bytes. */
const OWN_FROM = [0, 2, 3];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
