import { useEffect, useRef, useState } from "preact/hooks";
import type { DaemonId } from "../../electron/model/daemon/daemon-state.js";
import type { LOG_NEEDLE_MOST, LogEntry } from "../../electron/ipc/log-messages.js";
import { CommandButton, type Run } from "../button.jsx";
import { fullTime } from "../dates.js";
import { Icon } from "../glyphs.jsx";
import { LOG, WINDOW } from "../texts.js";
import { LogList } from "./log-list.jsx";
import { useLog, type LoadedLog, type LogApi } from "./use-log.js";

export type { LogApi };

interface LogViewProps {
  daemon: DaemonId;
  name: string;
  api: LogApi;
  run: Run;
}

/** The Log page: the whole log, however long, with a search and a filter for events. */
export function LogView({ daemon, name, api, run }: LogViewProps) {
  const [needle, setNeedle] = useState("");
  const [breadcrumbsOnly, setBreadcrumbsOnly] = useState(false);
  const [selected, setSelected] = useState<LogEntry>();
  const log = useLog(api, { daemon, needle, breadcrumbsOnly });
  const deselect = (): void => setSelected(undefined);
  return (
    <>
      <div class="log-tools">
        <SearchField
          onSearch={(text) => {
            deselect();
            setNeedle(text);
          }}
        />
        <label class="chip">
          <input
            type="checkbox"
            checked={breadcrumbsOnly}
            onChange={(event) => {
              deselect();
              setBreadcrumbsOnly(event.currentTarget.checked);
            }}
          />
          <span>{LOG.events}</span>
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
      <SelectedLine entry={selected} onClose={deselect} />
      <p class="log-foot">
        <CommandButton
          button={{ label: LOG.openFile(name), command: { do: "open-log-file", daemon }, enabled: true }}
          run={run}
          class="link cut"
        >
          {name}
        </CommandButton>
        <span role="status">{footText(log, needle)}</span>
      </p>
    </>
  );
}

/** The compiler ensures that it is the main process's limit. */
const NEEDLE_MOST: typeof LOG_NEEDLE_MOST = 200;

/** The search begins once nothing was typed for this long, ms, or at once with Enter. */
const TYPED_MS = 150;

function SearchField({ onSearch }: { onSearch: (needle: string) => void }) {
  const [text, setText] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (next: string): void => {
    clearTimeout(timer.current);
    onSearch(next.trim());
  };
  const change = (next: string): void => {
    setText(next);
    clearTimeout(timer.current);
    if (next.trim() === "") search("");
    else timer.current = setTimeout(() => search(next), TYPED_MS);
  };
  return (
    <label class="search">
      <Icon name="search" />
      <span class="unseen">{LOG.search}</span>
      <input
        id="log-search"
        type="search"
        placeholder={LOG.search}
        maxLength={NEEDLE_MOST}
        spellcheck={false}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") search(text);
          // The first Escape clears the field, the next one hides the window.
          if (event.key !== "Escape" || text === "") return;
          event.preventDefault();
          change("");
        }}
      />
    </label>
  );
}

/** The selected line in full, for reading and copying. */
function SelectedLine({ entry, onClose }: { entry: LogEntry | undefined; onClose: () => void }) {
  if (!entry) return null;
  const time = entry.at === null ? WINDOW.noTime : fullTime(new Date(entry.at));
  return (
    <section class="log-detail" aria-label={LOG.selectedLine}>
      <p>
        <span class="number">{time}</span> · {entry.level} · {entry.component || "–"}
        <button type="button" class="quiet" aria-label={WINDOW.close} title={WINDOW.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </p>
      <pre tabIndex={0}>{entry.text}</pre>
    </section>
  );
}

function emptyText({ loading, error, isMissing }: LoadedLog, needle: string, breadcrumbsOnly: boolean): string {
  if (error !== undefined) return LOG.cannotRead(error);
  if (loading === "first") return needle === "" ? LOG.loading : LOG.searching;
  if (needle !== "") return LOG.noHits(needle);
  if (isMissing) return LOG.missing;
  return breadcrumbsOnly ? LOG.noEvents : LOG.empty;
}

function footText({ store, loading, error, searchedBytes }: LoadedLog, needle: string): string {
  if (error !== undefined) return LOG.readingFailed;
  if (needle === "") return loading === "older" ? LOG.loadingOlder : "";
  const hits = LOG.hits(store.entries.length, store.before === undefined);
  if (!loading) return hits;
  return searchedBytes < 1e6 ? LOG.searching : LOG.searched(hits, searchedBytes);
}
