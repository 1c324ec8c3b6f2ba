import { mkdirSync } from "node:fs";

import type { ServerConfig } from "../config/server-config.js";
import { redactor } from "../config/secrets/redactor.js";
import { isListMethod, type ListMethod } from "../mcp/lists.js";
import { readIfThere, writeWhole } from "../state/whole-file.js";
import { asObject } from "../wire/message.js";
import { configurationKey, holdsSecret } from "./configuration-key.js";

/**
 * The lists that each configuration's server last gave, in `catalogue/KEY.json` in the state directory (0600, written whole by
 * the daemon). So a bridge can tell its host what a server offers without the server being started for it.
 *
 * A file: `{"format": 1, "lists": {METHOD: RESULT}}`. KEY is `configurationKey`. RESULT is the JSON text of the result of METHOD, whole
 * and on one page, as a string: numbers in it keep all their digits. A list that repeats a secret of its entry is not
 * written, nor is a very large one. A file that cannot be read counts as empty.
 */
export class ListStore {
  readonly #directory: string;
  readonly #onProblem: (problem: string) => void;
  readonly #read = new Map<string, Map<ListMethod, string>>();

  /** `onProblem` gets a sentence when a file cannot be written. */
  constructor(directory: string, onProblem: (problem: string) => void) {
    this.#directory = directory;
    this.#onProblem = onProblem;
  }

  /** The result's JSON text. */
  get(config: ServerConfig, method: ListMethod): string | undefined {
    return this.#listsOf(configurationKey(config)).get(method);
  }

  put(config: ServerConfig, method: ListMethod, resultText: string): void {
    const key = configurationKey(config);
    const lists = this.#listsOf(key);
    if (lists.get(method) === resultText) return;
    const isKept = resultText.length <= MAX_LENGTH && !holdsSecret(JSON.parse(resultText), redactor(config));
    if (isKept) lists.set(method, resultText);
    else if (!lists.delete(method)) return;
    const path = this.#path(key);
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      writeWhole(path, `${JSON.stringify({ format: FORMAT, lists: Object.fromEntries(lists) })}\n`);
    } catch (error) {
      this.#onProblem(`cannot write ${path}: ${(error as Error).message}`);
    }
  }

  #listsOf(key: string): Map<ListMethod, string> {
    const known = this.#read.get(key) ?? parse(readIfThere(this.#path(key)) ?? "");
    this.#read.set(key, known);
    return known;
  }

  #path(key: string): string {
    return `${this.#directory}/${key}.json`;
  }
}

function parse(text: string): Map<ListMethod, string> {
  const lists = new Map<ListMethod, string>();
  try {
    const { format, lists: written } = asObject(JSON.parse(text));
    if (format !== FORMAT) return lists;
    for (const [method, result] of Object.entries(asObject(written))) {
      if (isListMethod(method) && typeof result === "string" && isObjectText(result)) lists.set(method, result);
    }
  } catch {
    // Cut off, or edited by hand.
  }
  return lists;
}

function isObjectText(text: string): boolean {
  try {
    return text.startsWith("{") && typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

const FORMAT = 1;
/** Of one list, in characters. */
const MAX_LENGTH = 4 * 1024 * 1024;
