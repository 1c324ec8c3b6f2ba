import { fstatSync, writeSync } from "node:fs";

import { fileErrorText } from "../../state/file-error.js";
import { forTerminal } from "../../text/escape-control-characters.js";
import { indented } from "../../text/json-text.js";
import { OutputClosedError } from "../exit-code.js";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/**
 * A command's output: results go to stdout, everything else to stderr. Whatever the text holds, only `control` and
 * `controlErr` can move a terminal's cursor or change its title or colours: all other methods write control characters
 * out (see `forTerminal`). Results that are piped stay as they are.
 */
export interface Terminal {
  readonly quiet: boolean;
  /** Is stdout a terminal? */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Prints a result and a newline. Throws OutputClosedError when the reader is gone. */
  readonly print: (text: string) => void;
  /** Prints a result as JSON: one line, or indented on a terminal. */
  readonly printJson: (value: unknown) => void;
  /** The same for JSON text, whose numbers stay as they are. */
  readonly printJsonText: (json: string) => void;
  /** Prints a result without a newline of its own. */
  readonly write: (text: string) => void;
  /** Prints a remark to stderr, unless --quiet was given. */
  readonly say: (text: string) => void;
  /** Prints a line to stderr, even with --quiet. */
  readonly insist: (text: string) => void;
  /** Colours text for `print` and `write`, if stdout is a terminal and colours are enabled. */
  readonly paint: (style: Style, text: string) => string;
  /** What `write` would write to a terminal, to be placed by `control`. */
  readonly rendered: (text: string) => string;
  /** Writes our own control sequences, and rendered text between them, to stdout. */
  readonly control: (sequences: string) => void;
  /** The same to stderr. */
  readonly controlErr: (sequences: string) => void;
}

export function createTerminal(options: { quiet: boolean; env: NodeJS.ProcessEnv }): Terminal {
  const { quiet, env } = options;
  // Painted text is marked by something that no server can know, so that its own colour sequences are told apart.
  const mark = `\ufdd0${Math.random().toString(36).slice(2)}`;
  const marks = new RegExp(`${mark}(\\d+)\ufdd1`, "g");
  const rendered = (text: string): string => forTerminal(text).replace(marks, "\u001b[$1m");
  const write = (text: string): void => writeAll(1, isTerminal(1) ? rendered(text) : text);
  const print = (text: string): void => write(text.endsWith("\n") ? text : `${text}\n`);
  const terminal: Terminal = {
    quiet,
    // Evaluated on demand: a piped call never needs it.
    get outIsTerminal() {
      return isTerminal(1);
    },
    get errIsTerminal() {
      return isTerminal(2);
    },
    print,
    printJson: (value) => terminal.printJsonText(JSON.stringify(value)),
    printJsonText: (json) => print(isTerminal(1) ? indented(json) : json),
    write,
    say: (text) => {
      if (!quiet) terminal.insist(text);
    },
    insist: (text) => writeErr(`${forTerminal(text)}\n`),
    paint: (style, text) =>
      colourEnabled(env, isTerminal(1)) ? `${mark}${SGR[style]}\ufdd1${text}${mark}0\ufdd1` : text,
    rendered,
    control: (sequences) => writeAll(1, sequences),
    controlErr: writeErr,
  };
  return terminal;
}

export function writeErr(text: string): void {
  try {
    writeAll(2, text);
  } catch {
    // stderr is closed; the command goes on without it.
  }
}

/** See https://no-color.org: any value except the empty string turns colours off. */
export function colourEnabled(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

/** node:tty is loaded only for a character device; a pipe or a file cannot be a terminal. */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  return fstatSync(fd).isCharacterDevice() && process.getBuiltinModule("node:tty").isatty(fd);
}

const SGR: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** The pause before the next write to a full pipe that the parent made non-blocking, ms. */
const FULL_PIPE_PAUSE_MS = 2;

/**
 * Writes all of `text` before it returns, so that the process can exit at once. `process.stdout` takes longer to load
 * than a whole call, and loses buffered output at exit.
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
      else throw new Error(`cannot write the output: ${fileErrorText(error)}`, { cause: error });
    }
  }
}
