import { fstatSync, writeSync } from "node:fs";

import { whyOf } from "../../state/directory.js";
import { OutputClosedError } from "../exit-code.js";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Where a command writes: results to stdout, all else to stderr. */
export interface Terminal {
  readonly quiet: boolean;
  /** Is stdout a terminal? */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** A result, ended with a newline. Throws OutputClosedError when nobody reads it any more. */
  readonly print: (text: string) => void;
  /** A result for programs: one line, or indented where a person looks at it. */
  readonly printJson: (value: unknown) => void;
  /** To stdout as it is. */
  readonly write: (text: string) => void;
  /** A remark on stderr; not with --quiet. */
  readonly say: (text: string) => void;
  /** A line on stderr in any case. */
  readonly insist: (text: string) => void;
  /** To stderr as it is. */
  readonly writeErr: (text: string) => void;
  /** Coloured for stdout, where colours are wanted there. */
  readonly paint: (style: Style, text: string) => string;
}

export function createTerminal(options: { quiet: boolean; env: NodeJS.ProcessEnv }): Terminal {
  const { quiet, env } = options;
  const terminal: Terminal = {
    quiet,
    // Asked when needed: the way of a piped call has no use for it.
    get outIsTerminal() {
      return isTerminal(1);
    },
    get errIsTerminal() {
      return isTerminal(2);
    },
    print,
    printJson,
    write: (text) => writeAll(1, text),
    say: (text) => {
      if (!quiet) terminal.insist(text);
    },
    insist: (text) => terminal.writeErr(`${text}\n`),
    writeErr,
    paint: (style, text) => (wantsColour(env, isTerminal(1)) ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text),
  };
  return terminal;
}

function print(text: string): void {
  writeAll(1, text.endsWith("\n") ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, isTerminal(1) ? 2 : undefined));
}

export function writeErr(text: string): void {
  try {
    writeAll(2, text);
  } catch {
    // Nobody hears it; what we do goes on all the same.
  }
}

/** https://no-color.org: any value but the empty one. */
export function wantsColour(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

/** Only what may be a terminal is worth loading node:tty for; a pipe or a file is none at first sight. */
export function isTerminal(fd: 1 | 2): boolean {
  return fstatSync(fd).isCharacterDevice() && process.getBuiltinModule("node:tty").isatty(fd);
}

const SGR: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** A full pipe that our parent made non-blocking: the pause before the next try, ms. */
const FULL_PIPE_PAUSE_MS = 2;

/**
 * Writes it all before it returns, so that the process can exit at once. `process.stdout` would cost more to load than
 * a whole call takes, and loses what is still in flight at an exit.
 */
export function writeAll(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_PAUSE_MS);
      else if (code === "EPIPE") throw new OutputClosedError("the reader of the output is gone", { cause: error });
      else throw new Error(`cannot write the output: ${whyOf(error)}`, { cause: error });
    }
  }
}
