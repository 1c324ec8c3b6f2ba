import { escapeToOneLine } from "../text/escape-control-characters.js";
import { truncated } from "../text/truncate.js";

/** One value inside a row: how it is written, its pattern (without capturing groups), and how it is parsed. */
export interface Field<T> {
  pattern: string;
  write(value: T): string;
  read(text: string): T;
}

/** A line of text with named placeholders, `ready (pid {pid})`, and the field of each placeholder. */
export interface Row<Facts> {
  text: string;
  fields: { [K in keyof Facts]-?: Field<Facts[K]> };
}

export function writeRow<Facts>(row: Row<Facts>, facts: Facts): string {
  return row.text.replace(PLACEHOLDER, (_, name: string) => {
    const key = name as keyof Facts;
    return row.fields[key].write(facts[key]);
  });
}

/** The parser of a row: returns the facts, or undefined for any other text. */
export function rowReader<Facts>(row: Row<Facts>): (text: string) => Facts | undefined {
  const names = [...row.text.matchAll(PLACEHOLDER)].map((placeholder) => placeholder[1] as keyof Facts);
  const literals = row.text.split(/\{\w+\}/).map((part) => part.replace(/[()[\].*+?^$|\\]/g, "\\$&"));
  const source = literals.map((part, i) => (i < names.length ? `${part}(${row.fields[names[i]!].pattern})` : part));
  const whole = new RegExp(`^${source.join("")}$`, "u");
  return (text) => {
    const match = whole.exec(text);
    if (!match) return undefined;
    const facts: Partial<Facts> = {};
    names.forEach((name, i) => {
      const value = row.fields[name].read(match[i + 1]!);
      if (value !== undefined) facts[name] = value;
    });
    return facts as Facts;
  };
}

/** A non-negative whole number: pids, milliseconds, counts. */
export const integer: Field<number> = {
  pattern: "\\d{1,15}",
  write: (value) => String(Math.max(0, Math.round(value))),
  read: Number,
};

/** Free text, printable and bounded. It may contain anything, so the words around it have to delimit it. */
export const phrase: Field<string> = {
  pattern: ".*",
  write: (value) => truncated(escapeToOneLine(value), 300),
  read: (text) => text,
};

/** Free text in double quotes, parsed back exactly. */
export const quoted: Field<string> = {
  pattern: '"(?:[^"\\\\]|\\\\.)*"',
  write: (value) => escapeToOneLine(JSON.stringify(truncated(value, 300))),
  read: (text) => {
    try {
      return String(JSON.parse(text));
    } catch {
      return text.slice(1, -1);
    }
  },
};

/** A version or a name. Blanks, commas and brackets are percent-encoded, since they delimit fields. */
export const word: Field<string> = {
  pattern: "[^\\s,()]+",
  write: (value) => percentEncoded(value.slice(0, 100), /[^!$&'*-+\--~]/gu) || "unknown",
  read: percentDecoded,
};

/** Free text for an environment variable, percent-encoded. */
export const encoded: Field<string> = {
  pattern: "\\S*",
  write: (value) => percentEncoded(truncated(value, 300), /[^\w.~-]/gu),
  read: percentDecoded,
};

/** Written as nothing for undefined, else as `lead` and the value. */
export function optional<T>(lead: string, field: Field<T>): Field<T | undefined> {
  return {
    pattern: `(?:${lead}${field.pattern})?`,
    write: (value) => (value === undefined ? "" : lead + field.write(value)),
    read: (text) => (text === "" ? undefined : field.read(text.slice(lead.length))),
  };
}

/** One of a few values, each with its text. */
export function oneOf<T extends string>(texts: Record<T, string>): Field<T> {
  const values = Object.keys(texts) as T[];
  return {
    pattern: values.map((value) => texts[value]).join("|"),
    write: (value) => texts[value],
    read: (text) => values.find((value) => texts[value] === text)!,
  };
}

function percentEncoded(text: string, unsafe: RegExp): string {
  return text.replace(unsafe, (char) => Buffer.from(char).toString("hex").toUpperCase().replace(/../g, "%$&"));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const PLACEHOLDER = /\{(\w+)\}/g;
