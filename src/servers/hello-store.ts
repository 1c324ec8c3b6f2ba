import type { ServerConfig } from "../config/server-config.js";
import { readIfThere, writeWhole } from "../state/whole-file.js";
import { asObject } from "../wire/message.js";
import { redactor } from "../config/secrets/redactor.js";
import { configurationKey, holdsSecret } from "./configuration-key.js";
import { parseServerHello, type ServerHello } from "./process/hello.js";

/**
 * The last answer to `initialize` of each configuration that is shared by all clients, in `server-hellos.json` in the
 * state directory (0600, written whole by the daemon). So a client gets the server's own capabilities and instructions
 * without the server being started for it.
 *
 * The file: `{"format": 1, "hellos": {KEY: HELLO}}`, the most recently written last. KEY is the SHA-256, in hex, of what is
 * started or connected to (command, arguments, environment and directory, or address and headers). HELLO is the result of
 * `initialize`. An answer that repeats a secret of its entry is not written, nor is a very large one. A file that cannot
 * be read counts as empty.
 */
export class HelloStore {
  readonly #path: string;
  readonly #onProblem: (problem: string) => void;
  #hellos: Map<string, ServerHello> | undefined;

  /** `onProblem` gets a sentence when the file cannot be written. */
  constructor(path: string, onProblem: (problem: string) => void) {
    this.#path = path;
    this.#onProblem = onProblem;
  }

  get(config: ServerConfig): ServerHello | undefined {
    return this.#read().get(configurationKey(config));
  }

  put(config: ServerConfig, hello: ServerHello): void {
    const hellos = this.#read();
    const key = configurationKey(config);
    const text = JSON.stringify(hello);
    if (JSON.stringify(hellos.get(key)) === text) return;
    hellos.delete(key);
    if (text.length <= MAX_LENGTH && !holdsSecret(hello, redactor(config))) hellos.set(key, hello);
    while (hellos.size > MAX_HELLOS) hellos.delete(hellos.keys().next().value!);
    try {
      writeWhole(this.#path, `${JSON.stringify({ format: FORMAT, hellos: Object.fromEntries(hellos) })}\n`);
    } catch (error) {
      this.#onProblem(`cannot write ${this.#path}: ${(error as Error).message}`);
    }
  }

  #read(): Map<string, ServerHello> {
    this.#hellos ??= parse(readIfThere(this.#path) ?? "");
    return this.#hellos;
  }
}

function parse(text: string): Map<string, ServerHello> {
  const hellos = new Map<string, ServerHello>();
  try {
    const { format, hellos: written } = asObject(JSON.parse(text));
    if (format !== FORMAT) return hellos;
    for (const [key, value] of Object.entries(asObject(written))) {
      const hello = parseServerHello(value);
      if (!("problem" in hello)) hellos.set(key, hello);
    }
  } catch {
    // Cut off, or edited by hand.
  }
  return hellos;
}

const FORMAT = 1;
const MAX_HELLOS = 200;
/** Of one answer, in characters. Icons may be images in the text. */
const MAX_LENGTH = 512 * 1024;
