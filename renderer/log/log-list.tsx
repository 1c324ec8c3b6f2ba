import { useLayoutEffect, useRef } from "preact/hooks";
import type { LogEntry } from "../../electron/ipc/log-messages.js";
import { dayName } from "../dates.js";
import { Icon } from "../glyphs.jsx";
import { LOG } from "../texts.js";
import { LogRow } from "./log-row.jsx";
import type { LoadedLog } from "./use-log.js";
import { useScrolling } from "./use-scrolling.js";
import { ROW_HEIGHT, VISIBLE_MARGIN } from "./visible-rows.js";

/** The number of reused rows is a multiple of this, so that one more row in sight changes none of them. */
const POOL_STEP = 32;

interface LogListProps {
  log: LoadedLog;
  needle: string;
  selected: LogEntry | undefined;
  onSelect: (entry: LogEntry) => void;
  empty: string;
}

/** The list of log lines. Only the rows in sight are in the document, so the length of the log costs nothing. */
export function LogList({ log, needle, selected, onSelect, empty }: LogListProps) {
  const { entries } = log.store;
  const list = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const { range, atEnd, onScroll, toEnd } = useScrolling(list, rows, log);
  const at = selected ? entries.findIndex(({ key }) => key === selected.key) : -1;
  // The full text of a selected line shrinks the list, so its row has to be scrolled into sight.
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
        aria-label={LOG.lines}
        aria-busy={log.loading !== undefined}
        tabIndex={0}
        {...(at !== -1 && at >= range.first && at < range.last ? { "aria-activedescendant": `log-row-${at}` } : {})}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div ref={rows} class="log-rows">
          {entries.slice(range.first, range.last).map((entry, place) => (
            <LogRow
              // Rows that scroll out are reused for those that scroll in, which is cheaper than creating rows.
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
          <Icon name="down" /> {LOG.newest}
        </button>
      )}
    </div>
  );
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
