import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LogEntry } from "../../electron/ipc/log-messages.js";
import { clock, dayName } from "../dates.js";
import { Icon } from "../glyphs.jsx";
import { VISIBLE_MARGIN, visibleRows } from "./log-store.js";
import type { LoadedLog } from "./use-log.js";

/** As high as `.log-row` in the style sheet. */
const ROW_HEIGHT = 24;
/** The rows that are kept for reuse come in such steps, so that a row more or less in sight changes none of them. */
const POOL_STEP = 32;
/** Older rows are fetched before the first one comes into sight. */
const FETCH_AHEAD_PX = 600;

interface LogListProps {
  log: LoadedLog;
  needle: string;
  selected: LogEntry | undefined;
  onSelect: (entry: LogEntry) => void;
  empty: string;
}

/** Only the rows in sight are in the document, so that the ten-thousandth costs what the first did. */
export function LogList({ log, needle, selected, onSelect, empty }: LogListProps) {
  const { entries } = log.store;
  const list = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const { range, atEnd, onScroll, toEnd } = useScrolling(list, rows, log);
  const at = selected ? entries.findIndex(({ key }) => key === selected.key) : -1;
  // The line in full takes its room from the list: the selected row stays in sight.
  useLayoutEffect(() => {
    if (at !== -1) reveal(list.current, at);
  }, [selected]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((list.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
    const next = rowAfterKey(event.key, at === -1 ? entries.length : at, page, entries.length);
    const entry = next === undefined ? undefined : entries[next];
    if (next === undefined || !entry) return;
    event.preventDefault();
    onSelect(entry);
    reveal(list.current, next);
  };

  const pool = Math.ceil((range.last - range.first) / POOL_STEP) * POOL_STEP;
  const day = dayOf(entries, range.first === 0 ? 0 : range.first + VISIBLE_MARGIN);
  return (
    <div class="log-box">
      {day !== undefined && <p class="log-day">{day}</p>}
      <div
        class="log-list"
        ref={list}
        role="listbox"
        aria-label="Log lines"
        aria-busy={log.loading !== undefined}
        tabIndex={0}
        {...(at !== -1 && at >= range.first && at < range.last ? { "aria-activedescendant": `log-row-${at}` } : {})}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div ref={rows} class="log-rows">
          {entries.slice(range.first, range.last).map((entry, place) => (
            <LogRow
              // Rows that scroll out become those that scroll in: filling one anew is cheaper than making one.
              key={(range.first + place) % pool}
              entry={entry}
              place={range.first + place}
              count={entries.length}
              needle={needle}
              selected={entry.key === selected?.key}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
      {entries.length === 0 && <p class="log-empty">{empty}</p>}
      {entries.length > 0 && !atEnd && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="down" /> Newest
        </button>
      )}
    </div>
  );
}

interface RowProps {
  entry: LogEntry;
  place: number;
  count: number;
  needle: string;
  selected: boolean;
  onSelect: (entry: LogEntry) => void;
}

function LogRow({ entry, place, count, needle, selected, onSelect }: RowProps) {
  const { at, level, component, text } = entry;
  return (
    <div
      id={`log-row-${place}`}
      class={`log-row level-${level}`}
      role="option"
      aria-selected={selected}
      aria-setsize={count}
      aria-posinset={place + 1}
      onClick={() => onSelect(entry)}
    >
      <span class="time number">{at === null ? "" : clock(new Date(at))}</span>
      <span class="log-level" role="img" aria-label={level} />
      <span class="log-text cut">
        {component !== "" && <span class="log-component">{component} </span>}
        <Marked text={text} needle={needle} />
      </span>
    </div>
  );
}

/** No row shows more, and lines can be long. */
const SHOWN_CHARACTERS = 120;

function Marked({ text, needle }: { text: string; needle: string }) {
  const at = needle === "" ? -1 : text.toLowerCase().indexOf(needle.toLowerCase());
  if (at === -1) return <>{text.slice(0, SHOWN_CHARACTERS)}</>;
  // A hit far into the line is brought into sight.
  const from = at > 24 ? at - 12 : 0;
  return (
    <>
      {from > 0 && "…"}
      {text.slice(from, at)}
      <mark>{text.slice(at, at + needle.length)}</mark>
      {text.slice(at + needle.length, at + needle.length + SHOWN_CHARACTERS)}
    </>
  );
}

function useScrolling(
  list: { current: HTMLDivElement | null },
  rows: { current: HTMLDivElement | null },
  log: LoadedLog,
) {
  const { entries } = log.store;
  const [range, setRange] = useState({ first: 0, last: 0 });
  const [atEnd, setAtEnd] = useState(true);
  const sticky = useRef(true);
  const before = useRef<{ firstKey: string | undefined; count: number }>({ firstKey: undefined, count: 0 });

  const look = (): void => {
    const box = list.current;
    if (!box) return;
    const next = visibleRows(box.scrollTop, box.clientHeight, ROW_HEIGHT, entries.length);
    setRange((now) => (now.first === next.first && now.last === next.last ? now : next));
    if (box.scrollTop < FETCH_AHEAD_PX) log.loadOlder();
  };

  const onScroll = (): void => {
    const box = list.current;
    if (!box) return;
    sticky.current = box.scrollHeight - box.scrollTop - box.clientHeight < ROW_HEIGHT;
    setAtEnd(sticky.current && log.store.reachesEnd);
    look();
  };

  // Before the browser paints: rows that came in front must not move those in sight, rows behind are followed.
  useLayoutEffect(() => {
    const box = list.current;
    if (!box || !rows.current) return;
    rows.current.style.paddingTop = `${range.first * ROW_HEIGHT}px`;
    const { firstKey, count } = before.current;
    // Only scrolled: whatever is asked of the layout now would make the browser do it twice.
    if (entries[0]?.key === firstKey && entries.length === count) return;
    rows.current.style.height = `${entries.length * ROW_HEIGHT}px`;
    const came = firstKey === undefined ? -1 : entries.findIndex(({ key }) => key === firstKey);
    if (sticky.current) box.scrollTop = box.scrollHeight;
    else if (came > 0) box.scrollTop += came * ROW_HEIGHT;
    before.current = { firstKey: entries[0]?.key, count: entries.length };
    look();
  });
  // A page that brought nothing to see, as a filter's may, is followed by the next.
  useEffect(look, [log.loading]);

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

/** A list that shrinks below a selected row must not lose that row. */
function isSelecting(box: HTMLElement): boolean {
  return box.querySelector("[aria-selected=true]") !== null;
}

function rowAfterKey(key: string, at: number, page: number, count: number): number | undefined {
  const most = count - 1;
  const bounded = (row: number): number => Math.min(Math.max(row, 0), most);
  switch (key) {
    case "ArrowUp":
      return bounded(at - 1);
    case "ArrowDown":
      return bounded(at + 1);
    case "PageUp":
      return bounded(at - page);
    case "PageDown":
      return bounded(at + page);
    case "Home":
      return 0;
    case "End":
      return most;
    default:
      return undefined;
  }
}

function reveal(box: HTMLDivElement | null, row: number): void {
  if (!box) return;
  const top = row * ROW_HEIGHT;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW_HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW_HEIGHT - box.clientHeight;
}

/** The day of the first row that has a time, from `first` on. */
function dayOf(entries: readonly LogEntry[], first: number): string | undefined {
  for (let row = first; row < entries.length; row++) {
    const at = entries[row]?.at;
    if (at !== null && at !== undefined) return dayName(new Date(at));
  }
  return undefined;
}
