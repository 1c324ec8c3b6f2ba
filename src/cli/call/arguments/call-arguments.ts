import type { Pair } from "./call-words.js";
import { UsageError } from "../../exit-code.js";
import { allows, choicesOf, describeType, itemOf, shapeOfAny, type ObjectShape } from "./json-schema.js";
import { onOneLine, parseJson } from "../plain-call.js";
import { readValue } from "./read-value.js";
import { alternatives, type Schema } from "./schema-alternatives.js";
import { didYouMean } from "../../../text/suggest.js";
import { escapeToOneLine } from "../../../text/escape-control-characters.js";

/**
 * Types `key=value` words by a tool's schema and returns the arguments as JSON text, every number with the digits that
 * were written. Throws one UsageError that lists every problem: unknown and missing keys, and values of a wrong type
 * with what was expected and what was given.
 */
export function typeArguments(pairs: readonly Pair[], schema: Schema): string {
  const given = pairs.map((pair) => ({ pair, rest: pair.key }));
  const { json, problems, missing } = readObject(given, schema, { root: schema, path: "" });
  const all = [...problems.map(({ text }) => text), ...missing];
  if (all.length > 0) throw new UsageError(all.map(escapeToOneLine).join("\n"));
  return json;
}

/** A pair, and what is left of its key inside the object that is being read. */
interface Given {
  pair: Pair;
  rest: string;
}

interface Place {
  root: Schema;
  /** The keys that lead to this object, each with a dot behind it. */
  path: string;
}

interface Problem {
  text: string;
  /** "choice": none of the values that are allowed, such as the kind by which alternatives are told apart. */
  about: "key" | "value" | "choice";
}

interface Reading {
  json: string;
  problems: Problem[];
  /** Required keys that were not given, as text. */
  missing: string[];
}

/** Reads the pairs by the first alternative that they fit, so that `kind=a x=1` is typed by the schema of kind a. */
function readObject(given: readonly Given[], schema: Schema, place: Place): Reading {
  const all = alternatives(schema, place.root).filter((one) => allows(one, "object"));
  const readings = all.map((one) => readMembers(given, shapeOfAny([one]), place));
  const fitting = readings.find(({ problems, missing }) => problems.length + missing.length === 0);
  if (fitting) return fitting;
  const merged = readMembers(given, shapeOfAny(all), place);
  if (merged.problems.length > 0 || readings.length === 1) return merged;
  const incomplete = readings.filter(({ problems }) => problems.length === 0);
  if (incomplete.length > 0) return { ...merged, missing: [oneOf(incomplete)] };
  // Keys of several alternatives together: allowed, unless a value fits none of those that list its key.
  if (readings.some(({ problems }) => problems.every(({ about }) => about === "key"))) return merged;
  return readings.reduce((best, one) => (misfit(one) < misfit(best) ? one : best));
}

function misfit({ problems }: Reading): number {
  return problems.reduce((sum, { about }) => sum + (about === "choice" ? 2 : 1), 0);
}

/** `id: required (string), or n: required (integer)` */
function oneOf(incomplete: readonly Reading[]): string {
  return [...new Set(incomplete.map(({ missing }) => missing.join(" and ")))].join(", or ");
}

function readMembers(given: readonly Given[], shape: ObjectShape, place: Place): Reading {
  const problems: Problem[] = [];
  const members = new Map<string, string>();
  for (const member of groupByMember(given, shape, place.root)) {
    if ("text" in member) {
      problems.push(member);
      continue;
    }
    const { name, own, inner, schema } = member;
    const [first] = own.length > 0 ? inner : [];
    if (first) problems.push({ text: `${first.pair.key}: an outer key already has another value`, about: "value" });
    const reading =
      own.length > 0
        ? readGroup(own, schema, place)
        : readInner(inner, schema, { ...place, path: `${place.path}${name}.` });
    problems.push(...reading.problems, ...reading.missing.map((text) => ({ text, about: "value" as const })));
    members.set(name, reading.json);
  }
  const missing = shape.required
    .filter((key) => !members.has(key))
    .map((key) => `${place.path}${key}: required (${describeType(shape.properties.get(key) ?? {}, place.root)})`);
  const json = [...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",");
  return { json: `{${json}}`, problems, missing };
}

interface Member {
  name: string;
  /** The pairs that give its value, and those that give keys inside it. */
  own: Given[];
  inner: Given[];
  schema: Schema;
}

/** The pairs by the member that they are for, and what cannot be one, in the order of the words. */
function groupByMember(given: readonly Given[], shape: ObjectShape, root: Schema): Iterable<Member | Problem> {
  const members = new Map<unknown, Member | Problem>();
  for (const one of given) {
    const found = findMember(one.rest, shape, root);
    if (typeof found === "string") {
      members.set(one, { text: `${one.pair.key}: ${found}`, about: "key" });
      continue;
    }
    const { name, rest, schema } = found;
    const known = members.get(name);
    const member = known && "name" in known ? known : { name, own: [], inner: [], schema };
    if (rest === undefined) member.own.push(one);
    else member.inner.push({ pair: one.pair, rest });
    members.set(name, member);
  }
  return members.values();
}

interface Found {
  name: string;
  /** The key inside the member; undefined for the member itself. */
  rest: string | undefined;
  schema: Schema;
}

/** Which member `a.b` belongs to, or the problem with it as text. A key that the schema lists with its dots is literal. */
function findMember(key: string, shape: ObjectShape, root: Schema): Found | string {
  const whole = shape.properties.get(key);
  if (whole) return { name: key, rest: undefined, schema: whole };
  for (let dot = key.indexOf("."); dot > 0; dot = key.indexOf(".", dot + 1)) {
    const schema = shape.properties.get(key.slice(0, dot));
    if (schema) return { name: key.slice(0, dot), rest: key.slice(dot + 1), schema };
  }
  const other = shape.other(key);
  const [outer = "", ...inner] = key.split(".");
  const others = inner.length > 0 ? shape.other(outer) : undefined;
  if (others && mayBeObject(others, root)) {
    if (outer === "" || inner.includes("")) return "a part of the key is empty";
    return { name: outer, rest: inner.join("."), schema: others };
  }
  if (other) return key === "" ? "a part of the key is empty" : { name: key, rest: undefined, schema: other };
  const known = [...shape.properties.keys()];
  const all = known.length === 0 ? "the tool takes no arguments" : `known: ${known.join(", ")}`;
  return `unknown argument; ${didYouMean(key, known, all)}`;
}

function readInner(inner: readonly Given[], schema: Schema, place: Place): Reading {
  if (mayBeObject(schema, place.root)) return readObject(inner, schema, place);
  const text = `${inner[0]?.pair.key ?? ""}: unknown argument; ${place.path.slice(0, -1)} takes one value (${describeType(schema, place.root)})`;
  return { json: "{}", problems: [{ text, about: "key" }], missing: [] };
}

function mayBeObject(schema: Schema, root: Schema): boolean {
  return alternatives(schema, root).some((one) => allows(one, "object"));
}

/** Reads one value, or a list from a key that was repeated. */
function readGroup(group: readonly Given[], schema: Schema, { root }: Place): Reading {
  const [first] = group;
  const list = alternatives(schema, root).find((one) => allows(one, "array"));
  if (!first || (group.length > 1 && !list)) {
    const text = `${first?.pair.key ?? ""}: given ${group.length} times, but takes one value (${describeType(schema, root)})`;
    return { json: "null", problems: [{ text, about: "value" }], missing: [] };
  }
  const problems: Problem[] = [];
  const read = ({ pair }: Given, as: Schema): string => {
    const json = pair.json ? jsonText(pair.text) : readValue(pair.text, as, root);
    if (json !== undefined) return json;
    const expected = pair.json ? "JSON" : describeType(as, root);
    const text = `${pair.key}: expected ${expected}, given ${JSON.stringify(shortened(pair.text))}`;
    const isChoice = !pair.json && alternatives(as, root).every((one) => choicesOf(one));
    problems.push({ text, about: isChoice ? "choice" : "value" });
    return "null";
  };
  const json =
    group.length > 1
      ? `[${group.map((one, index) => read(one, itemOf(list ?? {}, index))).join(",")}]`
      : read(first, schema);
  return { json, problems, missing: [] };
}

function jsonText(text: string): string | undefined {
  return parseJson(text) === undefined ? undefined : onOneLine(text);
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
