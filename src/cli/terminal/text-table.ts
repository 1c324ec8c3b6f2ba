import { textWidth } from "../../text/width.js";

/**
 * Rows as left-aligned columns, two spaces apart. A cell may be coloured; its width is that of the plain text.
 */
export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

export function textTable(rows: readonly (readonly Cell[])[], indent = ""): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(({ text }, column) => (widths[column] = Math.max(widths[column] ?? 0, textWidth(text))));
  }
  return rows.map((row) => {
    const cells = row.map(({ text, paint }, column) => {
      const isLast = column === row.length - 1;
      const blanks = isLast ? "" : " ".repeat((widths[column] ?? 0) - textWidth(text) + 2);
      return `${paint ? paint(text) : text}${blanks}`;
    });
    return `${indent}${cells.join("")}`.trimEnd();
  });
}
