import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LoadedLog } from "./use-log.js";
import { ROW_HEIGHT, visibleRows } from "./visible-rows.js";

/** Older rows are loaded before the first one comes into sight. */
const LOAD_AHEAD_PX = 600;

/**
 * Which rows are in sight, and the scrolling around them: the list follows new lines while it is scrolled to its end,
 * loads older ones near its start, and keeps the rows in sight when older ones are added in front.
 */
export function useScrolling(
  list: { current: HTMLDivElement | null },
  rows: { current: HTMLDivElement | null },
  log: LoadedLog,
) {
  const { entries } = log.store;
  const [range, setRange] = useState({ first: 0, last: 0 });
  const [atEnd, setAtEnd] = useState(true);
  const sticky = useRef(true);
  const before = useRef<{ firstKey: string | undefined; count: number }>({ firstKey: undefined, count: 0 });

  const update = (): void => {
    const box = list.current;
    if (!box) return;
    const next = visibleRows(box.scrollTop, box.clientHeight, ROW_HEIGHT, entries.length);
    setRange((now) => (now.first === next.first && now.last === next.last ? now : next));
    if (box.scrollTop < LOAD_AHEAD_PX) log.loadOlder();
  };

  const onScroll = (): void => {
    const box = list.current;
    if (!box) return;
    sticky.current = box.scrollHeight - box.scrollTop - box.clientHeight < ROW_HEIGHT;
    setAtEnd(sticky.current && log.store.reachesEnd);
    update();
  };

  // Before the browser paints: rows added in front must not move those in sight, and new rows at the end are followed.
  useLayoutEffect(() => {
    const box = list.current;
    if (!box || !rows.current) return;
    rows.current.style.paddingTop = `${range.first * ROW_HEIGHT}px`;
    const { firstKey, count } = before.current;
    // After mere scrolling, reading the layout here would make the browser compute it twice.
    if (entries[0]?.key === firstKey && entries.length === count) return;
    rows.current.style.height = `${entries.length * ROW_HEIGHT}px`;
    const added = firstKey === undefined ? -1 : entries.findIndex(({ key }) => key === firstKey);
    if (sticky.current) box.scrollTop = box.scrollHeight;
    else if (added > 0) box.scrollTop += added * ROW_HEIGHT;
    before.current = { firstKey: entries[0]?.key, count: entries.length };
    update();
  });
  // A filter may leave no rows of a page, so the next page is loaded until some are in sight.
  useEffect(update, [log.loading]);

  const latest = useRef(onScroll);
  latest.current = onScroll;
  useEffect(() => {
    const box = list.current;
    if (!box) return undefined;
    const observer = new ResizeObserver(() => {
      if (sticky.current && !isSelecting(box)) box.scrollTop = box.scrollHeight;
      latest.current();
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const toEnd = (): void => {
    sticky.current = true;
    if (!log.store.reachesEnd) log.reload();
    else if (list.current) list.current.scrollTop = list.current.scrollHeight;
    setAtEnd(true);
  };
  return { range, atEnd, onScroll, toEnd };
}

/** While a row is selected, a list that shrinks keeps that row in sight instead of its end. */
function isSelecting(box: HTMLElement): boolean {
  return box.querySelector("[aria-selected=true]") !== null;
}
