import { asObject } from "../../../wire/message.js";

/** A JSON Schema, or the part of one. */
export type Schema = Readonly<Record<string, unknown>>;

export function asSchema(value: unknown): Schema {
  return asObject(value);
}

/**
 * The schemas of which a value has to match one, each without references and combinators: what stands beside anyOf and
 * oneOf holds for each of their alternatives, and what allOf, $ref and if/then/else add is merged in. `root` holds
 * `$defs`. A part that contradicts the rest, or that leads to too many alternatives, is ignored, which allows more.
 */
export function alternatives(schema: unknown, root: Schema): Schema[] {
  return expand(schema, { root, left: MAX_VISITS }, []);
}

/** `left` bounds the work for schemas that multiply. */
interface Walk {
  readonly root: Schema;
  left: number;
}

/** Empty for a schema that adds no alternative: `false`, or a reference to one of those in `within`. */
function expand(schema: unknown, walk: Walk, within: readonly string[]): Schema[] {
  if (schema === false) return [];
  if (--walk.left < 0) return [{}];
  const whole = asSchema(schema);
  let result: Schema[] = [ownPart(whole)];
  for (const key of REFERENCES) {
    const reference = whole[key];
    if (typeof reference !== "string") continue;
    if (within.includes(reference)) return [];
    result = combined(result, expand(lookUp(walk.root, reference), walk, [...within, reference]));
  }
  for (const part of partsOf(whole)) {
    result = combined(
      result,
      part.flatMap((one) => expand(one, walk, within)),
    );
  }
  return whole["nullable"] === true ? [...result, { type: "null" }] : result;
}

const REFERENCES = ["$ref", "$dynamicRef", "$recursiveRef"];

/** What has to hold beside the schema's own keywords, each as a list of alternatives. */
function partsOf(schema: Schema): unknown[][] {
  const { allOf, anyOf, oneOf, if: condition, then, else: otherwise, dependentSchemas } = schema;
  const parts = [...asArray(allOf).map((one) => [one]), asArray(anyOf), asArray(oneOf)];
  if (condition !== undefined) parts.push([{ allOf: [condition, then ?? true] }, otherwise ?? true]);
  // They hold only where their key is given.
  for (const one of Object.values(asSchema(dependentSchemas))) parts.push([one, true]);
  return parts;
}

function ownPart(schema: Schema): Schema {
  const own = Object.fromEntries(Object.entries(schema).filter(([key]) => !COMBINATORS.has(key)));
  // One form for both, so that they can be merged.
  return "const" in schema ? { ...own, enum: [schema["const"]] } : own;
}

const COMBINATORS = new Set([
  ...["$ref", "$dynamicRef", "$recursiveRef", "$defs", "definitions"],
  ...["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "const", "nullable"],
]);

/** Every schema of one list together with every one of the other. */
function combined(some: readonly Schema[], others: readonly Schema[]): Schema[] {
  if (others.length === 0 || some.length * others.length > MAX_ALTERNATIVES) return [...some];
  const pairs = some.flatMap((a) => others.map((b) => merge(a, b)));
  const merged = pairs.filter((one) => one !== undefined);
  return merged.length === 0 ? [...some] : merged;
}

/** One schema that says what both say; undefined if no value can match both. Where only one can count, it is `a`'s. */
function merge(a: Schema, b: Schema): Schema | undefined {
  const merged: Record<string, unknown> = { ...b, ...a };
  for (const key of Object.keys(b).filter((one) => one in a)) {
    const value = MERGERS[key]?.(a[key], b[key]);
    if (value === CONTRADICTION) return undefined;
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

const CONTRADICTION = Symbol("contradiction");

/** How two values of one keyword become one. */
const MERGERS: Readonly<Record<string, (a: unknown, b: unknown) => unknown>> = {
  type: (a, b) => {
    const types = asList(a).flatMap((one) => asList(b).flatMap((other) => commonType(one, other)));
    return types.length === 0 ? CONTRADICTION : [...new Set(types)];
  },
  enum: (a, b) => {
    const other = new Set(asArray(b).map((one) => JSON.stringify(one)));
    const values = asArray(a).filter((one) => other.has(JSON.stringify(one)));
    return values.length === 0 ? CONTRADICTION : values;
  },
  required: (a, b) => [...new Set([...asArray(a), ...asArray(b)])],
  properties: mergedMaps,
  patternProperties: mergedMaps,
  items: both,
  additionalProperties: both,
  unevaluatedProperties: both,
};

function commonType(a: unknown, b: unknown): unknown[] {
  if (a === b) return [a];
  return (a === "integer" && b === "number") || (a === "number" && b === "integer") ? ["integer"] : [];
}

function mergedMaps(a: unknown, b: unknown): Schema {
  const merged = new Map(Object.entries(asSchema(a)));
  for (const [key, schema] of Object.entries(asSchema(b))) {
    merged.set(key, merged.has(key) ? both(merged.get(key), schema) : schema);
  }
  return Object.fromEntries(merged);
}

function both(a: unknown, b: unknown): unknown {
  if (a === false || b === false) return false;
  if (a === true || a === b) return b;
  return b === true ? a : { allOf: [a, b] };
}

/** The schema that a reference inside the same document names, such as `#/$defs/Name`; undefined if it is elsewhere. */
function lookUp(root: Schema, reference: string): unknown {
  const [document = "", fragment = ""] = reference.split("#", 2);
  const defined = ["$defs", "definitions"].flatMap((key) => Object.values(asSchema(root[key])));
  const start =
    document === "" || document === root["$id"] ? root : defined.find((one) => asSchema(one)["$id"] === document);
  if (fragment === "") return start;
  if (!fragment.startsWith("/")) {
    const names = ["$anchor", "$dynamicAnchor", "$id"];
    return defined.find((one) => names.some((key) => [fragment, `#${fragment}`].includes(String(asSchema(one)[key]))));
  }
  return fragment.split("/").slice(1).reduce(memberAt, start);
}

/** One step of a JSON pointer in a URI: percent-encoded, then with ~ escapes. */
function memberAt(at: unknown, step: string): unknown {
  const key = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
  return typeof at === "object" && at !== null && Object.hasOwn(at, key)
    ? (at as Record<string, unknown>)[key]
    : undefined;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

const MAX_VISITS = 2_000;
const MAX_ALTERNATIVES = 200;

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value];
}
