import { isObject } from "../../../wire/message.js";
import { alternatives, asSchema, type Schema } from "./schema-alternatives.js";

export type JsonType = "null" | "boolean" | "integer" | "number" | "array" | "object" | "string";

const JSON_TYPES: readonly string[] = ["null", "boolean", "integer", "number", "array", "object", "string"];

/** The types that one alternative allows; empty when it does not say. */
export function typesOf(one: Schema): JsonType[] {
  const { type } = one;
  const named = (Array.isArray(type) ? (type as unknown[]) : [type]).filter(isJsonType);
  const choices = choicesOf(one);
  if (choices) {
    const types = [...new Set(choices.map(typeOfValue))];
    const both = types.filter((of) => named.includes(of) || (of === "integer" && named.includes("number")));
    return both.length > 0 ? both : types;
  }
  if (named.length > 0) return named;
  const hint = HINTS.find(([, keys]) => keys.some((key) => key in one));
  return hint ? [hint[0]] : [];
}

/** Keywords that make sense for one type only, in schemas that do not name it. */
const HINTS: readonly (readonly [JsonType, readonly string[]])[] = [
  ["object", ["properties", "patternProperties"]],
  ["array", ["items", "prefixItems"]],
  ["string", ["pattern", "minLength", "maxLength"]],
  ["number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]],
];

/** True if one alternative allows a value of that type; one that does not say allows every type. */
export function allows(one: Schema, type: JsonType): boolean {
  const types = typesOf(one);
  return types.length === 0 || types.includes(type) || (type === "integer" && types.includes("number"));
}

/** The only values that one alternative allows; undefined when it allows others. */
export function choicesOf(one: Schema): unknown[] | undefined {
  return Array.isArray(one["enum"]) ? (one["enum"] as unknown[]) : undefined;
}

/** The schema of an array's element at `index`. */
export function itemOf(one: Schema, index: number): Schema {
  const { items, prefixItems, additionalItems } = one;
  const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  if (index < first.length) return asSchema((first as unknown[])[index]);
  return asSchema(Array.isArray(items) ? additionalItems : items);
}

export interface ObjectShape {
  properties: ReadonlyMap<string, Schema>;
  required: readonly string[];
  /** The schema of a key that is not listed; undefined if the key is not allowed. */
  other(key: string): Schema | undefined;
}

/** The members of the objects that `schema` allows. */
export function shapeOf(schema: Schema, root: Schema): ObjectShape {
  return shapeOfAny(alternatives(schema, root).filter((one) => allows(one, "object")));
}

/**
 * The members that objects of any of the alternatives may have, and those that all must have. A schema that lists keys
 * and does not mention others is taken to allow only those: most keys that it does not list are typing errors.
 */
export function shapeOfAny(all: readonly Schema[]): ObjectShape {
  const found = new Map<string, Set<Schema>>();
  for (const one of all) {
    for (const [key, property] of Object.entries(asSchema(one["properties"]))) {
      if (property !== false) found.set(key, (found.get(key) ?? new Set()).add(asSchema(property)));
    }
  }
  const requiredOf = (one: Schema): unknown[] => (Array.isArray(one["required"]) ? (one["required"] as unknown[]) : []);
  const [first = {}, ...more] = all;
  return {
    properties: new Map([...found].map(([key, schemas]) => [key, anyOf([...schemas])])),
    required: requiredOf(first)
      .filter((key) => typeof key === "string")
      .filter((key) => more.every((one) => requiredOf(one).includes(key))),
    other(key) {
      const schemas = all.map((one) => otherOf(one, key)).filter((one) => one !== undefined);
      return schemas.length === 0 ? undefined : anyOf(schemas);
    },
  };
}

/** `integer`, `"low" | "high"`, `array of string`: for messages. */
export function describeType(schema: Schema, root: Schema): string {
  const words = alternatives(schema, root).flatMap((one) => {
    const choices = choicesOf(one);
    if (choices && choices.length > 0) return choices.map((choice) => JSON.stringify(choice));
    const types = typesOf(one);
    return types.length === 0 ? ["any"] : types.map((type) => (type === "array" ? describeArray(one, root) : type));
  });
  return words.length === 0 || words.includes("any") ? "any" : [...new Set(words)].join(" | ");
}

/** The text that explains a property: its own, or that of the schema that it refers to. */
export function descriptionOf(schema: Schema, root: Schema): unknown {
  return alternatives(schema, root).find((one) => typeof one["description"] === "string")?.["description"];
}

function describeArray(one: Schema, root: Schema): string {
  const items = itemOf(one, 0);
  return Object.keys(items).length === 0 ? "array" : `array of ${describeType(items, root)}`;
}

function otherOf(one: Schema, key: string): Schema | undefined {
  const patterns = Object.entries(asSchema(one["patternProperties"]));
  const matching = patterns.find(([pattern]) => matches(pattern, key));
  if (matching) return asSchema(matching[1]);
  const others = one["additionalProperties"] ?? one["unevaluatedProperties"];
  if (others === false) return undefined;
  if (others === true || isObject(others)) return asSchema(others);
  return Object.keys(asSchema(one["properties"])).length + patterns.length === 0 ? {} : undefined;
}

function matches(pattern: string, key: string): boolean {
  try {
    return new RegExp(pattern, "u").test(key);
  } catch {
    return false;
  }
}

function anyOf(schemas: readonly Schema[]): Schema {
  const [only = {}, ...more] = schemas;
  return more.length === 0 ? only : { anyOf: schemas };
}

function isJsonType(value: unknown): value is JsonType {
  return typeof value === "string" && JSON_TYPES.includes(value);
}

function typeOfValue(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) ? "integer" : "number";
    case "boolean":
    case "object":
      return typeof value as JsonType;
    default:
      return "string";
  }
}
