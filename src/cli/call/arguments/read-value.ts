import { allows, choicesOf, itemOf, typesOf, type JsonType } from "./json-schema.js";
import { readNumberText } from "./number-text.js";
import { onOneLine, parseJson } from "../plain-call.js";
import { alternatives, type Schema } from "./schema-alternatives.js";

/**
 * The value that `text` means by the schema, as JSON text; undefined if the schema allows no value that it could be.
 * Narrower types are tried first. Where strings are allowed too, a number is taken only if it would print as the same
 * text: `007`, `+49…`, `1.10` and a number with more digits than JavaScript's have stay text.
 */
export function readValue(text: string, schema: Schema, root: Schema): string | undefined {
  const all = alternatives(schema, root);
  const mayBeText = all.some((one) => allows(one, "string") && isChoice(one, JSON.stringify(text)));
  for (const [type, read] of NARROWEST_FIRST) {
    for (const one of all) {
      const json = allows(one, type) ? read({ text, plain: text.trim(), one, root, mayBeText }) : undefined;
      if (json !== undefined && isChoice(one, json)) return json;
    }
  }
  return undefined;
}

interface Given {
  text: string;
  /** Without the white space around it. */
  plain: string;
  one: Schema;
  root: Schema;
  mayBeText: boolean;
}

const NARROWEST_FIRST: readonly (readonly [JsonType, (given: Given) => string | undefined])[] = [
  ["null", ({ plain }) => (plain === "null" ? plain : undefined)],
  ["boolean", ({ plain }) => (plain === "true" || plain === "false" ? plain : undefined)],
  ["integer", (given) => numberIn(given)?.whole],
  ["number", (given) => numberIn(given)?.text],
  ["array", ({ plain, ...given }) => jsonIn("[", plain) ?? listOfOne(given)],
  ["object", ({ plain }) => jsonIn("{", plain)],
  // Without a type, a quoted string is taken for the string in its quotes.
  ["string", ({ text, plain, one }) => (typesOf(one).length === 0 && jsonIn('"', plain)) || JSON.stringify(text)],
];

function numberIn({ text, plain, mayBeText }: Given): ReturnType<typeof readNumberText> {
  return mayBeText && String(Number(text)) !== text ? undefined : readNumberText(plain);
}

function jsonIn(opening: string, plain: string): string | undefined {
  return plain.startsWith(opening) && parseJson(plain) !== undefined ? onOneLine(plain) : undefined;
}

function listOfOne({ text, one, root, mayBeText }: Omit<Given, "plain">): string | undefined {
  const item = mayBeText ? undefined : readValue(text, itemOf(one, 0), root);
  return item === undefined ? undefined : `[${item}]`;
}

function isChoice(one: Schema, json: string): boolean {
  const choices = choicesOf(one);
  if (!choices) return true;
  const value = parseJson(json);
  // Numbers are compared as such: the schema's own digits beyond JavaScript's are lost already.
  return choices.some((choice) => choice === value || JSON.stringify(choice) === JSON.stringify(value));
}
