import { createScanner, type Node } from "jsonc-parser";

/** What `SyntaxKind` calls these; the enum itself is a const enum, which isolated modules cannot import. */
const COMMA = 5;
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const TRIVIA = 15;

/**
 * The text with a new member at the end of `object`, on a line of its own, indented like its neighbours. Nothing else
 * changes: a comment stays with the member it stands behind, and trailing commas stay a habit where they were one.
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
  const comma = commaBehind(text, lastEnd);
  const at = endOfRemarks(text, comma ?? lastEnd);
  if (comma !== undefined) return `${text.slice(0, at)}${member},${text.slice(at)}`;
  return `${text.slice(0, lastEnd)},${text.slice(lastEnd, at)}${member}${closing(text, at, eol + outer)}`;
}

function insertIntoEmpty(text: string, object: Node, member: string, closingLine: string): string {
  const inside = text.slice(object.offset + 1, object.offset + object.length - 1).trimEnd();
  return `${text.slice(0, object.offset + 1)}${inside}${member}${closingLine}${text.slice(object.offset + object.length - 1)}`;
}

/** The rest of the text; where the closing brace stood on the members' line it gets its own. */
function closing(text: string, at: number, closingLine: string): string {
  const rest = text.slice(at);
  return /^[ \t]*\}/.test(rest) ? closingLine + rest.trimStart() : rest;
}

/** The offset behind the comma that follows, or undefined when none does. */
function commaBehind(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  return Number(scanner.scan()) === COMMA ? scanner.getPosition() : undefined;
}

/** The offset behind the comments that stand on the same line. */
function endOfRemarks(text: string, offset: number): number {
  const scanner = createScanner(text, false);
  scanner.setPosition(offset);
  let end = offset;
  for (;;) {
    const token = Number(scanner.scan());
    if (token === LINE_COMMENT || token === BLOCK_COMMENT) end = scanner.getPosition();
    else if (token !== TRIVIA) return end;
  }
}

/** The file's own step of indentation. */
function indentUnit(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
}

/** The white space that begins the line of an offset. */
function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? "";
}

/** The same, if nothing but it stands before the offset. */
function ownIndentOf(text: string, offset: number): string | undefined {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  return lineStart > 0 && before.trim() === "" ? before : undefined;
}
