import type { Node } from "jsonc-parser";

import { parseDuration } from "../duration.js";
import type { EntryContext } from "./context.js";
import { blotter } from "../../text/blot.js";
import { expand } from "../expand.js";
import { secretsOfEntry } from "../secrets/entry-secrets.js";
import { memberOf, membersOf } from "../members.js";
import { positionAt, type Problem } from "../problem.js";

/** Reads the values of one entry, with variables and `~/` expanded, and collects the problems found. */
export class EntryReader {
  failed = false;
  /** What variables stood for so far. */
  readonly variables = new Set<string>();
  readonly context: EntryContext;
  readonly #text: string;
  readonly #name: string;
  readonly #problems: Problem[];

  constructor(text: string, name: string, context: EntryContext, problems: Problem[]) {
    this.context = context;
    this.#text = text;
    this.#name = name;
    this.#problems = problems;
  }

  error(node: Node, key: string | undefined, message: string): void {
    this.failed = true;
    this.#report("error", node, key, message);
  }

  warn(node: Node, key: string | undefined, message: string): void {
    this.#report("warning", node, key, message);
  }

  isDisabled(entry: Node): boolean {
    return memberOf(entry, "disabled")?.value === true || memberOf(entry, "enabled")?.value === false;
  }

  /** The value of a key. Programs that write every key leave those that are not set as null, "", [] or {}. */
  given(entry: Node, key: string): Node | undefined {
    const node = memberOf(entry, key);
    if (node === undefined || node.type === "null" || node.value === "") return undefined;
    const isContainer = node.type === "array" || node.type === "object";
    return isContainer && (node.children?.length ?? 0) === 0 ? undefined : node;
  }

  text(node: Node, key: string): string | undefined {
    if (node.type === "string") return this.#expanded(node, key, String(node.value));
    this.error(node, key, "must be a string");
    return undefined;
  }

  /** A list of texts; a number or boolean counts as it is written, which is what the user meant. */
  texts(node: Node | undefined, key: string): string[] {
    if (node === undefined) return [];
    if (node.type !== "array") {
      this.error(node, key, "must be an array of strings");
      return [];
    }
    return (node.children ?? []).map((item, index) => this.#value(item, `${key}[${index}]`) ?? "");
  }

  /** An object of such texts, or a list of `NAME=value` as Docker has it. A null is a value that is not given. */
  textMap(node: Node | undefined, key: string): Record<string, string> {
    if (node?.type === "array") return this.#assignments(node, key);
    const texts = noTexts();
    if (node === undefined) return texts;
    if (node.type !== "object") {
      this.error(node, key, "must be an object of strings");
      return texts;
    }
    for (const [name, value] of membersOf(node)) {
      const text = value.type === "null" ? undefined : this.#value(value, `${key}.${name}`);
      if (text !== undefined) texts[name] = text;
    }
    return texts;
  }

  choice<T extends string>(node: Node | undefined, key: string, choices: readonly T[]): T | undefined {
    if (node === undefined) return undefined;
    const found = choices.find((choice) => choice === node.value);
    if (found === undefined) this.error(node, key, `must be ${choices.map((choice) => `"${choice}"`).join(" or ")}`);
    return found;
  }

  duration(node: Node | undefined, key: string): number | undefined {
    if (node === undefined) return undefined;
    const duration = node.type === "string" ? parseDuration(String(node.value)) : undefined;
    if (duration === undefined) this.error(node, key, 'must be a duration such as "90s", "10m", "1h" or "never"');
    return duration;
  }

  positiveInteger(node: Node | undefined, key: string): number | undefined {
    if (node === undefined) return undefined;
    const value: unknown = node.value;
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    this.error(node, key, "must be a whole number, 1 or more");
    return undefined;
  }

  #assignments(list: Node, key: string): Record<string, string> {
    const texts = noTexts();
    for (const [index, item] of (list.children ?? []).entries()) {
      const [, name, written] = /^([^=]+)=(.*)$/s.exec(item.type === "string" ? String(item.value) : "") ?? [];
      if (name === undefined || written === undefined) {
        this.error(item, `${key}[${index}]`, "must have the form NAME=value");
        continue;
      }
      const text = this.#expanded(item, `${key}[${index}]`, written);
      if (text !== undefined) texts[name] = text;
    }
    return texts;
  }

  #value(node: Node, key: string): string | undefined {
    const isPlain = node.type === "number" || node.type === "boolean";
    return isPlain ? this.#text.slice(node.offset, node.offset + node.length) : this.text(node, key);
  }

  #expanded(node: Node, key: string, written: string): string | undefined {
    const expansion = expand(written, this.context.env);
    if (!expansion.ok) {
      this.error(node, key, expansion.reason);
      return undefined;
    }
    for (const value of expansion.values) this.variables.add(value);
    if (!written.startsWith("~/")) return expansion.text;
    const { home } = this.context;
    if (home === undefined) this.error(node, key, "starts with ~/, and there is no home directory: HOME is not set");
    return (home ?? "") + expansion.text.slice(1);
  }

  #report(severity: Problem["severity"], node: Node, key: string | undefined, message: string): void {
    const position = positionAt(this.#text, node.offset);
    // A path in a message may contain what a variable stood for.
    const clean = blotter(secretsOfEntry({ variables: [...this.variables] }));
    const problem = { severity, name: this.#name, ...position, message: clean(message) };
    this.#problems.push(key === undefined ? problem : { ...problem, key });
  }
}

/** Without a prototype, since a name may be `__proto__`. */
function noTexts(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}
