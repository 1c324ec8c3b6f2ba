import type { Node } from "jsonc-parser";

import { commaAfter, endOfComments } from "./insert-member.js";

/**
 * Returns the text without one member of an object (a property node), its comma, and the comments behind it on its line.
 * Nothing else changes, and what is left is valid, trailing commas included.
 */
export function removeMember(text: string, property: Node): string {
  const { offset, length } = property;
  const comma = commaAfter(text, offset + length);
  const end = endOfComments(text, comma ?? offset + length);
  const [before, after] = wholeLine(text.slice(0, offset), text.slice(end));
  return comma === undefined ? withoutCommaBehind(before, neighbourOf(property)) + after : before + after;
}

/** Cuts the line that a member stood on alone, and else the blanks behind it. */
function wholeLine(before: string, after: string): [before: string, after: string] {
  const lineStart = /\r?\n[ \t]*$/.exec(before);
  const lineRest = /^[ \t]*(?=\r?\n)/.exec(after);
  if (lineStart && lineRest) return [before.slice(0, lineStart.index), after.slice(lineRest[0].length)];
  return [before, after.replace(/^[ \t]+(?=["}])/, "")];
}

/** The last member has no comma behind it, so the one in front of it would be too many where none may trail. */
function withoutCommaBehind(before: string, neighbour: Node | undefined): string {
  if (neighbour === undefined) return before;
  const comma = commaAfter(before, neighbour.offset + neighbour.length);
  return comma === undefined ? before : before.slice(0, comma - 1) + before.slice(comma);
}

function neighbourOf(property: Node): Node | undefined {
  const members = property.parent?.children ?? [];
  return members[members.indexOf(property) - 1];
}
