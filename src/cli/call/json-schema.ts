import { asObject, isObject } from "../../wire/message.js";

/** The part of JSON Schema that decides how text from the command line is typed. Everything else is ignored. */
export type Schema = Readonly<Record<string, unknown>>;

export type JsonType = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

const JSON_TYPES: readonly string[] = ["string", "number", "integer", "boolean", "null", "array", "object"];

export function asSchema(value: unknown): Schema {
  return asObject(value);
}

/** The schema with its local references and alternatives resolved, as a list of plain schemas. `root` holds `$defs`. */
export function alternatives(schema: Schema, root: Schema, depth = 0): Schema[] {
  if (depth > MAX_DEPTH) return [];
  const { $ref: reference, anyOf, oneOf, allOf } = schema;
  const deeper = (part: unknown): Schema[] => alternatives(asSchema(part), root, depth + 1);
  if (typeof reference === "string") return deeper(lookUp(root, reference));
  if (Array.isArray(anyOf)) return anyOf.flatMap(deeper);
  if (Array.isArray(oneOf)) return oneOf.flatMap(deeper);
  if (Array.isArray(allOf)) return [mergeAll([schema, ...allOf.flatMap(deeper)])];
  return [schema];
}

/** The types that a value may have; empty when the schema does not say. */
export function typesOf(schema: Schema, root: Schema): Set<JsonType> {
  const types = new Set<JsonType>();
  for (const one of alternatives(schema, root)) {
    const own = ownTypes(one);
    if (own.length === 0) return new Set();
    for (const type of own) types.add(type);
  }
  return types;
}

/** The only values allowed, over all alternatives; undefined when at least one alternative is open. */
export function choicesOf(schema: Schema, root: Schema): unknown[] | undefined {
  const choices: unknown[] = [];
  for (const one of alternatives(schema, root)) {
    if (Array.isArray(one["enum"])) choices.push(...(one["enum"] as unknown[]));
    else if ("const" in one) choices.push(one["const"]);
    else if (one["type"] === "null") choices.push(null);
    else return undefined;
  }
  return choices;
}

/** The schema of an array's elements. */
export function itemsOf(schema: Schema, root: Schema): Schema {
  const array = alternatives(schema, root).find((one) => ownTypes(one).includes("array"));
  return asSchema(array?.["items"]);
}

export interface ObjectShape {
  properties: ReadonlyMap<string, Schema>;
  required: readonly string[];
  /** The schema of keys that are not listed; undefined if no other keys are allowed. */
  others: Schema | undefined;
}

/** An object's members. A schema that lists keys and does not mention others is taken to allow only those. */
export function shapeOf(schema: Schema, root: Schema): ObjectShape {
  const shapes = alternatives(schema, root).filter((one) => "properties" in one || ownTypes(one).includes("object"));
  const properties = new Map<string, Schema>();
  for (const one of shapes) {
    for (const [key, property] of Object.entries(asSchema(one["properties"]))) {
      if (!properties.has(key)) properties.set(key, asSchema(property));
    }
  }
  const [first] = shapes;
  // With several alternatives it is unknown which one is meant, so no key is reported as missing.
  const required = shapes.length === 1 && Array.isArray(first?.["required"]) ? (first["required"] as unknown[]) : [];
  return {
    properties,
    required: required.filter((key) => typeof key === "string"),
    others: othersOf(shapes, properties.size),
  };
}

/** `integer`, `"low" | "high"`, `array of string`: for messages. */
export function describeType(schema: Schema, root: Schema): string {
  const choices = choicesOf(schema, root);
  if (choices && choices.length > 0) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  const types = [...typesOf(schema, root)];
  if (types.length === 0) return "any";
  return types
    .map((type) => {
      if (type !== "array") return type;
      const items = itemsOf(schema, root);
      return Object.keys(items).length === 0 ? "array" : `array of ${describeType(items, root)}`;
    })
    .join(" | ");
}

function othersOf(shapes: readonly Schema[], listed: number): Schema | undefined {
  if (shapes.length === 0) return {};
  for (const one of shapes) {
    const { additionalProperties: others } = one;
    if (others === true || "patternProperties" in one) return {};
    if (isObject(others)) return others;
  }
  const forbidden = shapes.every((one) => one["additionalProperties"] === false);
  return listed === 0 && !forbidden ? {} : undefined;
}

function ownTypes(schema: Schema): JsonType[] {
  const { type } = schema;
  const named = Array.isArray(type) ? (type as unknown[]) : [type];
  const types = named.filter((one): one is JsonType => typeof one === "string" && JSON_TYPES.includes(one));
  if (types.length > 0) return types;
  if (Array.isArray(schema["enum"])) return [...new Set((schema["enum"] as unknown[]).map(typeOfValue))];
  if ("const" in schema) return [typeOfValue(schema["const"])];
  if ("properties" in schema) return ["object"];
  return "items" in schema ? ["array"] : [];
}

function typeOfValue(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  return type === "number" || type === "boolean" || type === "object" ? type : "string";
}

function mergeAll(schemas: readonly Schema[]): Schema {
  const merged: Record<string, unknown> = {};
  for (const { allOf: _taken, ...one } of schemas) {
    const properties = { ...asSchema(merged["properties"]), ...asSchema(one["properties"]) };
    const required = [...asArray(merged["required"]), ...asArray(one["required"])];
    Object.assign(merged, one);
    if (Object.keys(properties).length > 0) merged["properties"] = properties;
    if (required.length > 0) merged["required"] = required;
  }
  return merged;
}

/** `#/$defs/Name` and the like, inside the same schema. */
function lookUp(root: Schema, reference: string): unknown {
  if (!reference.startsWith("#")) return undefined;
  let at: unknown = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    at = asSchema(at)[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return at;
}

/** Where a schema that refers to itself ends. */
const MAX_DEPTH = 16;

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
