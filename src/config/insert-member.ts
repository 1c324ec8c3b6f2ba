import { createScanner, type Node } from "jsonc-parser";

/** Values of `SyntaxKind`, which is a const enum, so isolated modules cannot import it. */
const COMMA = 5;
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const TRIVIA = 15;

/**
 * Returns the text with a new member at the end of `object`, on its own line, indented like its neighbours. Nothing else
 * changes: a comment stays with the member before it, and a trailing comma is kept where the file uses them.
 */
export function insertMember(text: string, object: Node, key: string, value: unknown): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const unit = indentUnit(text);
  const last = object.children?.at(-1);
  const outer = indentAt(text, object.offset);
  const indent = last === undefined ? outer + unit : (ownIndentOf(text, last.offset) ?? outer + unit);
  const json = JSON.stringify(value, null, unit).replaceAll("\n", eol + indent);
  const member = `${eol}${indent}${JSON.stringify(key)}: ${json}`;
  if (last === undefined) return insertIntoEmpty(text, object, member, eol + outer);

  const lastEnd = last.offset + last.length;
  const comma = commaAfter(text, lastEnd);
  const at = endOfComments(text, comma ?? lastEnd);
  if (comma !== undefined) return `${text.slice(0, at)}${member},${text.slice(at)}`;
  return `${text.slice(0, lastEnd)},${text.slice(lastEnd, at)}${member}${closing(text, at, eol + outer)}`;
}

function insertIntoEmpty(text: string, object: Node, member: string, closingLine: string): string {
  const inside = text.slice(object.offset + 1, object.offset + object.length - 1).trimEnd();
  return `${text.slice(0, object.offset + 1)}${inside}${member}${closingLine}${text.slice(object.offset + object.length - 1)}`;
}

/** The rest of the text. A closing brace on the line of the members is moved to its own line. */
function closing(text: string, at: number, closingLine: string): string {
  const rest = text.slice(at);
  return /^[ \t]*\}/.test(rest) ? closingLine + rest.trimStart() : rest;
}

/** The offset after the next comma; undefined if another token comes first. */
export function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  return Number(scanner.scan()) === COMMA ? scanner.getPosition() : undefined;
}

/** The offset after the comments on the same line. */
export function endOfComments(text: string, offset: number): number {
  const scanner = createScanner(text, false);
  scanner.setPosition(offset);
  let end = offset;
  for (;;) {
    const token = Number(scanner.scan());
    if (token === LINE_COMMENT || token === BLOCK_COMMENT) end = scanner.getPosition();
    else if (token !== TRIVIA) return end;
  }
}

/** The indentation of one level in this file. */
function indentUnit(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
}

/** The white space at the beginning of the line of an offset. */
function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? "";
}

/** That white space if nothing else precedes the offset on its line, else undefined. */
function ownIndentOf(text: string, offset: number): string | undefined {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  return lineStart > 0 && before.trim() === "" ? before : undefined;
}
