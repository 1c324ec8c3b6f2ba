import { mkdirSync } from "node:fs";

import type { ListMethod } from "../mcp/lists.js";
import {
  bridgeViewFile,
  bridgeViewText,
  catalogueDirectory,
  configurationDigest,
  type BridgeView,
} from "../state/catalogue.js";
import { writeWhole } from "../state/whole-file.js";
import type { ServerHello } from "./process/hello.js";

/**
 * Keeps, for bridges that start before the daemon does, what bridges to a server, or to all, were last answered. Each has a
 * file of its own in the catalogue (0600, written whole), which is written when something in it has changed.
 */
export class BridgeViews {
  readonly #dir: string;
  readonly #configuration: () => string | undefined;
  readonly #onProblem: (problem: string) => void;
  readonly #written = new Map<string | undefined, BridgeView>();

  /** `configuration`: the text of `servers.json` that is in force. `onProblem` gets a sentence when a file cannot be written. */
  constructor(dir: string, configuration: () => string | undefined, onProblem: (problem: string) => void) {
    this.#dir = dir;
    this.#configuration = configuration;
    this.#onProblem = onProblem;
  }

  /** A bridge to `server` (undefined: to all) was answered this. */
  note(server: string | undefined, { method, resultText, hello, repeatsSecret }: Answered): void {
    const configuration = configurationDigest(this.#configuration());
    const before = this.#written.get(server);
    const isValid = before?.configuration === configuration;
    const view: BridgeView = {
      configuration,
      lists: { ...(isValid ? before.lists : {}), [method]: resultText },
      ...(hello && !repeatsSecret(hello) && { hello: { ...hello } }),
    };
    if (isValid && before.lists[method] === resultText && sameText(before.hello, view.hello)) return;
    if (repeatsSecret(JSON.parse(resultText))) delete view.lists[method];
    this.#written.set(server, view);
    const path = bridgeViewFile(this.#dir, server);
    try {
      mkdirSync(catalogueDirectory(this.#dir), { recursive: true, mode: 0o700 });
      writeWhole(path, bridgeViewText(view));
    } catch (error) {
      this.#onProblem(`cannot write ${path}: ${(error as Error).message}`);
    }
  }
}

/** What a bridge was answered to a request for a list, on its first page. */
export interface Answered {
  method: ListMethod;
  /** JSON text. */
  resultText: string;
  /** What its one server said of itself. */
  hello?: ServerHello | undefined;
  /** True for a value that repeats a secret of a server's entry, which is not written. */
  repeatsSecret: (value: unknown) => boolean;
}

function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
