import { escapeToOneLine } from "../text/escape-control-characters.js";

/**
 * A problem in `servers.json`: where it is, and a message. The message names keys and variables but never contains a
 * value from the file, since values may be secrets.
 */
export interface Problem {
  /** "error": the entry (or, without `name`, the whole file) is not used. "warning": it is used anyway. */
  severity: "error" | "warning";
  /** The server's name; absent if the problem concerns the whole file. */
  name?: string;
  /** Path of the key below the entry, such as `env.TOKEN` or `args[2]`. */
  key?: string;
  /** 1-based. */
  line: number;
  /** 1-based, in UTF-16 code units. */
  column: number;
  message: string;
}

/** One line for people: `servers.json:12:5: github: env.TOKEN: variable GITHUB_TOKEN is not set`. */
export function formatProblem(path: string, problem: Problem): string {
  const what = [problem.name, problem.key, problem.message].filter((part) => part !== undefined).map(escapeToOneLine);
  return `${path}:${problem.line}:${problem.column}: ${what.join(": ")}`;
}

/** The 1-based line and column of an offset into `text`. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf("\n");
  return { line: before.split("\n").length, column: offset - lastBreak };
}

/** The line at an offset, to show with a syntax error: keys stay readable, every value becomes `…`. */
export function maskedLineAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = text.slice(start, end === -1 ? undefined : end).replace(/\r$/, "");
  // A string followed by a colon is a key; all other strings and bare words may be secrets.
  return line.replace(/"(?:[^"\\]|\\.)*"?(\s*:)?|[^\s{}[\],:"]+/g, (token, colon: string | undefined) => {
    if (colon !== undefined || /^(true|false|null)$/.test(token)) return token;
    return token.startsWith('"') ? '"…"' : "…";
  });
}
