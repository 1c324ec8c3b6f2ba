import { useEffect, useRef } from "preact/hooks";
import type { WindowView } from "../electron/view/window-view.js";
import type { Run } from "./button.jsx";
import { Header } from "./header.jsx";
import { LogView, type LogApi } from "./log/log-view.jsx";
import { MoreMenu } from "./more-menu.jsx";
import { Overview } from "./overview/overview.jsx";
import { SettingsView } from "./settings/settings-view.jsx";
import { WINDOW } from "./texts.js";

export type Page = "overview" | "log" | "settings";

export interface WindowProps {
  view: WindowView;
  page: Page;
  onPage: (page: Page) => void;
  run: Run;
  log: LogApi;
}

/** The whole window as a function of its view. */
export function Window({ view, page, onPage, run, log }: WindowProps) {
  useKeys(onPage, run);
  const { daemon } = view;
  return (
    <div class={`window tone-${daemon.tone}`}>
      <p class="unseen" role="status">
        {announcement(view)}
      </p>
      <Header view={view} run={run} />
      <main>
        <div
          id="page"
          role="tabpanel"
          aria-labelledby={`tab-${page}`}
          class={`page page-${page}`}
          // Keyboard users can scroll it even when nothing in it takes the focus.
          tabIndex={page === "log" ? -1 : 0}
          key={`${page} ${daemon.id}`}
        >
          {page === "overview" && <Overview view={view} run={run} />}
          {page === "log" && <LogView daemon={daemon.id} name={daemon.logName} api={log} run={run} />}
          {page === "settings" && <SettingsView view={view} run={run} />}
        </div>
      </main>
      <footer class="bar">
        <Tabs page={page} onPage={onPage} />
        <MoreMenu groups={daemon.actions} run={run} />
      </footer>
    </div>
  );
}

/** Announced by screen readers when it changes: state, operation and banners, but no time that counts. */
function announcement({ daemon }: WindowView): string {
  const banners = daemon.banners.map(({ title }) => title);
  return [`${daemon.name}: ${daemon.title}`, daemon.progress?.text, ...banners].filter(Boolean).join(". ");
}

const TABS: readonly { page: Page; label: string }[] = [
  { page: "overview", label: WINDOW.overview },
  { page: "log", label: WINDOW.log },
  { page: "settings", label: WINDOW.settings },
];

function Tabs({ page, onPage }: { page: Page; onPage: (page: Page) => void }) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = (TABS.findIndex((tab) => tab.page === page) + step + TABS.length) % TABS.length;
    onPage(TABS[next]!.page);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={WINDOW.tabs} ref={list} onKeyDown={onKeyDown}>
      {TABS.map((tab) => (
        <button
          type="button"
          role="tab"
          key={tab.page}
          id={`tab-${tab.page}`}
          aria-controls="page"
          aria-selected={tab.page === page}
          tabIndex={tab.page === page ? 0 : -1}
          onClick={() => onPage(tab.page)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}

/** Escape hides the window; Ctrl or ⌘ with 1–3, F or comma changes the page. Fields and menus handle their keys first. */
function useKeys(onPage: (page: Page) => void, run: Run): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "Escape") {
        void run({ do: "hide" });
        return;
      }
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const tab = TABS[Number(event.key) - 1];
      const page = tab?.page ?? (event.key === "f" ? "log" : event.key === "," ? "settings" : undefined);
      if (page === undefined) return;
      event.preventDefault();
      onPage(page);
      // The page is already drawn. Focusing in the next frame would lose letters typed immediately.
      if (event.key === "f") document.getElementById("log-search")?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [onPage, run]);
}
