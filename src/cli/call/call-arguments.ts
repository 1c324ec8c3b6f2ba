import type { Pair } from "./call-words.js";
import { UsageError } from "../exit-code.js";
import { choicesOf, describeType, itemsOf, shapeOf, typesOf, type Schema } from "./json-schema.js";
import { parseJson } from "./plain-call.js";
import { didYouMean } from "../../text/suggest.js";

/**
 * Types `key=value` words by a tool's schema. Throws one UsageError that lists every problem: unknown and missing keys,
 * and values of a wrong type with what was expected and what was given.
 */
export function typeArguments(pairs: readonly Pair[], schema: Schema): Record<string, unknown> {
  const problems: string[] = [];
  const result = newObject();
  for (const [key, group] of groupByKey(pairs)) {
    const place = findTarget(key, schema, schema);
    if (typeof place === "string") problems.push(place);
    else {
      const value = readGroup(key, group, place.schema, schema, problems);
      if (!setAt(result, place.path, value)) problems.push(`${key}: an outer key already has another value`);
    }
  }
  problems.push(...missingIn(result, schema, schema, ""));
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return result;
}

interface Target {
  path: string[];
  schema: Schema;
}

/** Where `a.b` belongs, or the problem with it as text. A key that the schema lists with its dots is taken literally. */
function findTarget(key: string, schema: Schema, root: Schema): Target | string {
  const { properties, others } = shapeOf(schema, root);
  const whole = properties.get(key);
  if (whole) return { path: [key], schema: whole };
  for (let dot = key.indexOf("."); dot > 0; dot = key.indexOf(".", dot + 1)) {
    const outer = key.slice(0, dot);
    const found = properties.get(outer);
    const inner = found && findTarget(key.slice(dot + 1), found, root);
    if (typeof inner === "object") return { ...inner, path: [outer, ...inner.path] };
    if (inner !== undefined) return `${outer}.${inner}`;
  }
  if (!others) {
    const known = [...properties.keys()];
    const all = known.length === 0 ? "the tool takes no arguments" : `known: ${known.join(", ")}`;
    return `${key}: unknown argument; ${didYouMean(key, known, all)}`;
  }
  const path = key.split(".");
  return path.includes("") ? `${key}: a part of the key is empty` : { path, schema: path.length > 1 ? {} : others };
}

function readGroup(key: string, group: readonly Pair[], schema: Schema, root: Schema, problems: string[]): unknown {
  const [first] = group;
  if (!first) return undefined;
  const isList = typesOf(schema, root).has("array");
  if (group.length > 1 && !isList) {
    problems.push(`${key}: given ${group.length} times, but takes one value (${describeType(schema, root)})`);
    return undefined;
  }
  const read = (pair: Pair, as: Schema): unknown => {
    const value = pair.json ? parseJson(pair.text) : readText(pair.text, as, root);
    if (value !== undefined) return value;
    const expected = pair.json ? "JSON" : describeType(as, root);
    problems.push(`${key}: expected ${expected}, given ${JSON.stringify(shortened(pair.text))}`);
    return undefined;
  };
  if (group.length > 1) return group.map((pair) => read(pair, itemsOf(schema, root)));
  return read(first, schema);
}

/** Undefined if the schema allows no value that `text` could be. Narrower types are tried first. */
function readText(text: string, schema: Schema, root: Schema): unknown {
  const choices = choicesOf(schema, root);
  if (choices) return choices.find((choice) => choice === text || JSON.stringify(choice) === text);
  const types = typesOf(schema, root);
  if (types.size === 0) {
    const json = parseJson(text);
    return json === undefined ? text : json;
  }
  const plain = text.trim();
  if (types.has("null") && plain === "null") return null;
  if (types.has("boolean") && (plain === "true" || plain === "false")) return plain === "true";
  if ((types.has("integer") || types.has("number")) && NUMBER.test(plain)) {
    const number = Number(plain);
    const whole = Number.isInteger(number);
    // From 2^53 on, JavaScript's number would differ from the one typed.
    const exact = whole ? Number.isSafeInteger(number) || /[eE]/.test(plain) : Number.isFinite(number);
    if (exact && (whole || types.has("number"))) return number;
  }
  if (types.has("array")) {
    const list = plain.startsWith("[") ? parseJson(plain) : undefined;
    if (Array.isArray(list)) return list;
    const item = types.has("string") ? undefined : readText(text, itemsOf(schema, root), root);
    if (item !== undefined) return [item];
  }
  if (types.has("object") && plain.startsWith("{")) {
    const object = parseJson(plain);
    if (object !== undefined) return object;
  }
  return types.has("string") ? text : undefined;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Required keys that are missing, also inside the objects that were begun. */
function missingIn(given: Record<string, unknown>, schema: Schema, root: Schema, prefix: string): string[] {
  const { properties, required } = shapeOf(schema, root);
  const problems = required
    .filter((key) => !Object.hasOwn(given, key))
    .map((key) => `${prefix}${key}: required (${describeType(properties.get(key) ?? {}, root)})`);
  for (const [key, inner] of properties) {
    const value = Object.hasOwn(given, key) ? given[key] : undefined;
    // Only objects built from dotted keys are checked; one given as JSON is passed on as it is.
    if (built.has(value as object)) {
      problems.push(...missingIn(value as Record<string, unknown>, inner, root, `${prefix}${key}.`));
    }
  }
  return problems;
}

const built = new WeakSet<object>();

/** Without a prototype, since a key may be called `__proto__`. */
function newObject(): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>;
  built.add(object);
  return object;
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): boolean {
  let at = target;
  for (const step of path.slice(0, -1)) {
    const inner = (at[step] ??= newObject()) as Record<string, unknown>;
    if (!built.has(inner)) return false;
    at = inner;
  }
  const last = path.at(-1) ?? "";
  if (last in at) return false;
  at[last] = value;
  return true;
}

function groupByKey(pairs: readonly Pair[]): Map<string, Pair[]> {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) groups.set(pair.key, [...(groups.get(pair.key) ?? []), pair]);
  return groups;
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
