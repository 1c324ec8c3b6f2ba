/** The rows to draw: those in sight and some more on both sides, in steps, so that few scrolls cause a redraw. */
export function visibleRows(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): { first: number; last: number } {
  const first = Math.floor(scrollTop / rowHeight) - VISIBLE_MARGIN;
  const last = Math.ceil((scrollTop + height) / rowHeight) + VISIBLE_MARGIN;
  const step = (row: number): number => Math.floor(row / STEP) * STEP;
  return { first: clamp(step(first), 0, count), last: clamp(step(last) + STEP, 0, count) };
}

/** The number of rows drawn beyond those in sight, on either side. */
export const VISIBLE_MARGIN = 10;
const STEP = 8;

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** As high as `.log-row` in the style sheet, px. */
export const ROW_HEIGHT = 24;
