import type { LogEntry } from "../../electron/ipc/log-messages.js";
import { clock } from "../dates.js";

interface RowProps {
  entry: LogEntry;
  place: number;
  count: number;
  needle: string;
  selected: boolean;
  onSelect: (entry: LogEntry) => void;
}

/** One line of the log, cut to the width of the window, with the search term marked. */
export function LogRow({ entry, place, count, needle, selected, onSelect }: RowProps) {
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

/** A row has no room for more, and lines can be long. */
const SHOWN_CHARACTERS = 120;

function Marked({ text, needle }: { text: string; needle: string }) {
  const at = needle === "" ? -1 : text.toLowerCase().indexOf(needle.toLowerCase());
  if (at === -1) return <>{text.slice(0, SHOWN_CHARACTERS)}</>;
  // Rows start shortly before the first hit, so that it is visible in a long line.
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
