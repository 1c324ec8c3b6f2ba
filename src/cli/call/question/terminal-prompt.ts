import { createInterface, type Interface } from "node:readline";

import { escapeToOneLine } from "../../../text/escape-control-characters.js";
import type { Terminal } from "../../terminal/terminal.js";
import type { Prompt } from "./ask.js";

/**
 * Asks on stderr and reads the answers from stdin. The terminal itself edits the line, so that Ctrl-C ends the command as
 * it does at any other time. Whatever a server's texts hold, each stays on one line.
 */
export class TerminalPrompt implements Prompt {
  readonly #terminal: Terminal;
  readonly #lines: Interface;
  #isEnded = false;
  #onLine: ((line: string | undefined) => void) | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#lines = createInterface({ input: process.stdin, terminal: false });
    this.#lines.on("line", (line) => this.#answer(line));
    this.#lines.on("close", () => {
      this.#isEnded = true;
      this.#answer(undefined);
    });
  }

  say(line: string): void {
    this.#terminal.insist(escapeToOneLine(line));
  }

  ask(text: string): Promise<string | undefined> {
    this.#terminal.controlErr(escapeToOneLine(text));
    if (this.#isEnded) return Promise.resolve(undefined);
    return new Promise((resolve) => (this.#onLine = resolve));
  }

  /** Ends an open question as if the user had ended the input, and gives stdin back. */
  close(): void {
    this.#lines.close();
    process.stdin.pause();
  }

  #answer(line: string | undefined): void {
    const onLine = this.#onLine;
    this.#onLine = undefined;
    onLine?.(line);
  }
}
