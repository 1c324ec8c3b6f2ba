import { asObject } from "../../../wire/message.js";

/** One value that a form asks for. MCP allows flat forms only: texts, numbers, booleans and choices. */
export interface FormField {
  key: string;
  /** What it is called and what it is for. */
  title: string;
  isRequired: boolean;
  /** Taken when the answer is empty; undefined: there is none. */
  fallback: FieldValue | undefined;
  kind: FieldKind;
}

export type FieldValue = string | number | boolean | string[];

export type FieldKind =
  | { type: "text"; format: string | undefined; minLength: number; maxLength: number; pattern: string | undefined }
  | { type: "number"; isInteger: boolean; minimum: number; maximum: number }
  | { type: "boolean" }
  | { type: "choice"; choices: Choice[] }
  | { type: "choices"; choices: Choice[]; minItems: number; maxItems: number };

export interface Choice {
  value: string;
  title: string;
}

/** The fields of an elicitation's `requestedSchema`, in its order. */
export function formFields(requestedSchema: unknown): FormField[] {
  const { properties, required } = asObject(requestedSchema);
  const needed: unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(asObject(properties)).map(([key, property]) => {
    const schema = asObject(property);
    const { title, description, default: fallback } = schema;
    const name = typeof title === "string" && title !== "" ? title : key;
    return {
      key,
      title: typeof description === "string" && description !== "" ? `${name} (${description})` : name,
      isRequired: needed.includes(key),
      fallback: isFieldValue(fallback) ? fallback : undefined,
      kind: fieldKind(schema),
    };
  });
}

/** The value that a typed line stands for, or what is wrong with it. An empty line has been dealt with. */
export function readField(kind: FieldKind, line: string): { value: FieldValue } | { problem: string } {
  switch (kind.type) {
    case "text":
      return readText(kind, line);
    case "number":
      return readNumber(kind, line);
    case "boolean": {
      const value = readYesNo(line);
      return value === undefined ? { problem: "answer yes or no" } : { value };
    }
    case "choice":
      return readChoice(kind.choices, line);
    case "choices":
      return readChoices(kind, line);
  }
}

/** `y`, `yes`, `true`, `n`, `no` or `false`, in any case. */
export function readYesNo(line: string): boolean | undefined {
  const word = line.trim().toLowerCase();
  if (["y", "yes", "true"].includes(word)) return true;
  return ["n", "no", "false"].includes(word) ? false : undefined;
}

function fieldKind(schema: Record<string, unknown>): FieldKind {
  const { type, items, enumNames } = schema;
  if (type === "array") {
    const { minItems, maxItems } = schema;
    const choices = choicesOf(asObject(items), undefined) ?? [];
    return { type: "choices", choices, minItems: numberOr(minItems, 0), maxItems: numberOr(maxItems, Infinity) };
  }
  const choices = choicesOf(schema, enumNames);
  if (choices !== undefined) return { type: "choice", choices };
  if (type === "boolean") return { type: "boolean" };
  if (type === "number" || type === "integer") {
    const { minimum, maximum } = schema;
    const isInteger = type === "integer";
    return { type: "number", isInteger, minimum: numberOr(minimum, -Infinity), maximum: numberOr(maximum, Infinity) };
  }
  const { format, minLength, maxLength, pattern } = schema;
  return {
    type: "text",
    format: typeof format === "string" ? format : undefined,
    minLength: numberOr(minLength, 0),
    maxLength: numberOr(maxLength, Infinity),
    pattern: typeof pattern === "string" ? pattern : undefined,
  };
}

/** The choices of `enum`, with their names where there are some, or of a list of `{const, title}`. */
function choicesOf(schema: Record<string, unknown>, names: unknown): Choice[] | undefined {
  const { enum: values, oneOf, anyOf } = schema;
  if (Array.isArray(values)) {
    const titles: unknown[] = Array.isArray(names) ? names : [];
    return values.map(String).map((value, index) => {
      const title = titles[index];
      return { value, title: typeof title === "string" ? title : value };
    });
  }
  const titled: unknown = oneOf ?? anyOf;
  if (!Array.isArray(titled)) return undefined;
  return titled.map((one) => {
    const { const: value, title } = asObject(one);
    return { value: String(value), title: typeof title === "string" ? title : String(value) };
  });
}

function readText(
  { format, minLength, maxLength, pattern }: Extract<FieldKind, { type: "text" }>,
  line: string,
): { value: string } | { problem: string } {
  const { length } = [...line];
  if (length < minLength) return { problem: `at least ${minLength} characters, given ${length}` };
  if (length > maxLength) return { problem: `at most ${maxLength} characters, given ${length}` };
  if (pattern !== undefined && !matches(pattern, line)) return { problem: `must match ${pattern}` };
  const form = format === undefined ? undefined : FORMATS[format];
  return form === undefined || form.accepts(line) ? { value: line } : { problem: `must be ${form.name}` };
}

function readNumber(
  { isInteger, minimum, maximum }: Extract<FieldKind, { type: "number" }>,
  line: string,
): { value: number } | { problem: string } {
  const text = line.trim();
  const value = text === "" ? NaN : Number(text);
  if (!Number.isFinite(value) || (isInteger && !Number.isSafeInteger(value))) {
    return { problem: isInteger ? "must be a whole number" : "must be a number" };
  }
  if (value < minimum) return { problem: `must be ${minimum} or more` };
  return value > maximum ? { problem: `must be ${maximum} or less` } : { value };
}

/** By number, value or title. */
function readChoice(choices: readonly Choice[], line: string): { value: string } | { problem: string } {
  const word = line.trim();
  const found = choices.find(({ value }) => value === word) ?? choices.find(({ title }) => title === word);
  const byNumber = /^\d+$/.test(word) ? choices[Number(word) - 1] : undefined;
  const choice = found ?? byNumber;
  return choice === undefined ? { problem: `choose a number from 1 to ${choices.length}` } : { value: choice.value };
}

function readChoices(
  { choices, minItems, maxItems }: Extract<FieldKind, { type: "choices" }>,
  line: string,
): { value: string[] } | { problem: string } {
  const values = new Set<string>();
  for (const word of line.split(",").filter((part) => part.trim() !== "")) {
    const choice = readChoice(choices, word);
    if ("problem" in choice) return choice;
    values.add(choice.value);
  }
  if (values.size < minItems) return { problem: `choose at least ${minItems}, separated by commas` };
  return values.size > maxItems ? { problem: `choose at most ${maxItems}` } : { value: [...values] };
}

const FORMATS: Partial<Record<string, { name: string; accepts: (text: string) => boolean }>> = {
  email: { name: "an e-mail address", accepts: (text) => /^[^\s@]+@[^\s@]+$/.test(text) },
  uri: { name: "an address such as https://example.com", accepts: (text) => URL.canParse(text) },
  date: { name: "a date such as 2026-01-31", accepts: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text) },
  "date-time": {
    name: "a date and time such as 2026-01-31T12:00:00Z",
    accepts: (text) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i.test(text) && isDate(text),
  },
};

function isDate(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}

/** A pattern that is no regular expression of JavaScript is left to the server to check. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

function isFieldValue(value: unknown): value is FieldValue {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string");
  return ["string", "number", "boolean"].includes(typeof value);
}
