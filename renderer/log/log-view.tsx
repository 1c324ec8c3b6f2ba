import { useState } from "preact/hooks";
import type { DaemonId } from "../../electron/model/daemon/daemon-state.js";
import type { LOG_NEEDLE_MOST, LogEntry } from "../../electron/ipc/log-messages.js";
import type { Run } from "../button.jsx";
import { bytesText } from "../../src/text/bytes.js";
import { fullTime } from "../dates.js";
import { Icon } from "../glyphs.jsx";
import { LogList } from "./log-list.jsx";
import { useLog, type LoadedLog, type LogApi } from "./use-log.js";

export type { LogApi };

interface LogViewProps {
  daemon: DaemonId;
  name: string;
  api: LogApi;
  run: Run;
}

/** The whole log: searched, filtered, followed, however long it is. */
export function LogView({ daemon, name, api, run }: LogViewProps) {
  const [needle, setNeedle] = useState("");
  const [breadcrumbsOnly, setBreadcrumbsOnly] = useState(false);
  const [selected, setSelected] = useState<LogEntry>();
  const log = useLog(api, { daemon, needle, breadcrumbsOnly });
  const forget = (): void => setSelected(undefined);
  return (
    <>
      <div class="log-tools">
        <SearchField
          onSearch={(text) => {
            forget();
            setNeedle(text);
          }}
        />
        <label class="chip">
          <input
            type="checkbox"
            checked={breadcrumbsOnly}
            onChange={(event) => {
              forget();
              setBreadcrumbsOnly(event.currentTarget.checked);
            }}
          />
          <span>Events</span>
        </label>
      </div>
      <LogList
        key={`${daemon} ${needle} ${String(breadcrumbsOnly)}`}
        log={log}
        needle={needle}
        selected={selected}
        onSelect={setSelected}
        empty={emptyText(log, needle, breadcrumbsOnly)}
      />
      <Detail entry={selected} onClose={forget} />
      <p class="log-foot">
        <button
          type="button"
          class="link cut"
          title="Open the file"
          onClick={() => void run({ do: "open-log-file", daemon })}
        >
          {name}
        </button>
        <span role="status">{footText(log, needle)}</span>
      </p>
    </>
  );
}

/** The compiler sees to it that it is the bound that the main process has. */
const NEEDLE_MOST: typeof LOG_NEEDLE_MOST = 200;

function SearchField({ onSearch }: { onSearch: (needle: string) => void }) {
  const [text, setText] = useState("");
  const change = (next: string): void => {
    setText(next);
    onSearch(next.trim());
  };
  return (
    <label class="search">
      <Icon name="search" />
      <span class="unseen">Search the log</span>
      <input
        id="log-search"
        type="search"
        placeholder="Search the log"
        maxLength={NEEDLE_MOST}
        spellcheck={false}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          // The first Escape empties the field, the next one hides the window.
          if (event.key !== "Escape" || text === "") return;
          event.preventDefault();
          change("");
        }}
      />
    </label>
  );
}

/** The selected line in full, to read and to copy. */
function Detail({ entry, onClose }: { entry: LogEntry | undefined; onClose: () => void }) {
  if (!entry) return null;
  const time = entry.at === null ? "no time" : fullTime(new Date(entry.at));
  return (
    <section class="log-detail" aria-label="Selected line">
      <p>
        <span class="number">{time}</span> · {entry.level} · {entry.component || "–"}
        <button type="button" class="quiet" aria-label="Close" title="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </p>
      <pre tabIndex={0}>{entry.text}</pre>
    </section>
  );
}

function emptyText({ loading, error }: LoadedLog, needle: string, breadcrumbsOnly: boolean): string {
  if (error !== undefined) return `The log cannot be read: ${error}`;
  if (loading === "first") return needle === "" ? "Reading the log" : "Searching";
  if (needle !== "") return `Nothing in the log says “${needle}”`;
  return breadcrumbsOnly ? "No starts, stops or crashes yet" : "The log is empty";
}

function footText({ store, loading, error, searchedBytes }: LoadedLog, needle: string): string {
  if (error !== undefined) return "Reading failed";
  if (needle === "") return loading === "older" ? "Reading older lines" : "";
  const hits = `${store.entries.length}${store.before === undefined ? "" : "+"} found`;
  if (!loading) return hits;
  return searchedBytes < 1e6 ? "Searching" : `${hits}, ${bytesText(searchedBytes)} searched`;
}
