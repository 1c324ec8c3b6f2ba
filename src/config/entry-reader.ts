import type { Node } from "jsonc-parser";

import { parseDuration } from "./duration.js";
import { expand, type Environment } from "./expand.js";
import { memberOf, membersOf } from "./members.js";
import { positionAt, type Problem } from "./problem.js";

/** Reads the values of one entry, with variables expanded, and collects the problems found. */
export class EntryReader {
  failed = false;
  readonly #text: string;
  readonly #name: string;
  readonly #env: Environment;
  readonly #problems: Problem[];

  constructor(text: string, name: string, env: Environment, problems: Problem[]) {
    this.#text = text;
    this.#name = name;
    this.#env = env;
    this.#problems = problems;
  }

  error(node: Node, key: string | undefined, message: string): void {
    this.failed = true;
    this.#report("error", node, key, message);
  }

  warn(node: Node, key: string | undefined, message: string): void {
    this.#report("warning", node, key, message);
  }

  flag(node: Node, key: string): boolean {
    return memberOf(node, key)?.value === true;
  }

  text(node: Node, key: string): string | undefined {
    if (node.type !== "string") {
      this.error(node, key, "must be a string");
      return undefined;
    }
    const expansion = expand(String(node.value), this.#env);
    if (expansion.ok) return expansion.text;
    this.error(node, key, expansion.reason);
    return undefined;
  }

  /** A string in which a leading `~/` stands for the home directory. */
  path(node: Node, key: string): string | undefined {
    const text = this.text(node, key);
    const home = this.#env["HOME"];
    return text?.startsWith("~/") && home !== undefined ? home + text.slice(1) : text;
  }

  texts(node: Node | undefined, key: string): string[] {
    if (node === undefined) return [];
    if (node.type !== "array") {
      this.error(node, key, "must be an array of strings");
      return [];
    }
    return (node.children ?? []).map((item, index) => this.text(item, `${key}[${index}]`) ?? "");
  }

  textMap(node: Node | undefined, key: string): Record<string, string> {
    if (node === undefined) return {};
    if (node.type !== "object") {
      this.error(node, key, "must be an object of strings");
      return {};
    }
    const texts: Record<string, string> = {};
    for (const [name, value] of membersOf(node)) {
      // Numbers and booleans are common mistakes here; their text is what the user meant.
      const plain = value.type === "number" || value.type === "boolean";
      const text = plain ? String(value.value) : this.text(value, `${key}.${name}`);
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

  #report(severity: Problem["severity"], node: Node, key: string | undefined, message: string): void {
    const position = positionAt(this.#text, node.offset);
    this.#problems.push({ severity, name: this.#name, ...(key === undefined ? {} : { key }), ...position, message });
  }
}
