import { useEffect, useRef } from "preact/hooks";
import type { WindowView } from "../electron/view/window-view.js";
import type { Run } from "./button.jsx";
import { Header } from "./header.jsx";
import { LogView, type LogApi } from "./log/log-view.jsx";
import { MoreMenu } from "./more-menu.jsx";
import { Overview } from "./overview/overview.jsx";
import { SettingsView } from "./settings/settings-view.jsx";

export type View = "overview" | "log" | "settings";

export interface WindowProps {
  view: WindowView;
  page: View;
  onPage: (page: View) => void;
  run: Run;
  log: LogApi;
}

/** The whole window as a function of one view. */
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
          // It scrolls, also where nothing in it takes the focus.
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

/** Said aloud when it changes: the state, what is under way, and what needs attention; nothing that ticks. */
function announcement({ daemon }: WindowView): string {
  const banners = daemon.banners.map(({ title }) => title);
  return [`${daemon.name}: ${daemon.title}`, daemon.progress?.text, ...banners].filter(Boolean).join(". ");
}

const TABS: readonly { page: View; label: string }[] = [
  { page: "overview", label: "Overview" },
  { page: "log", label: "Log" },
  { page: "settings", label: "Settings" },
];

function Tabs({ page, onPage }: { page: View; onPage: (page: View) => void }) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = (TABS.findIndex((tab) => tab.page === page) + step + TABS.length) % TABS.length;
    onPage(TABS[next]!.page);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" ref={list} onKeyDown={onKeyDown}>
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

/** Escape hides, control and a number change the view. What a field or a menu wants for itself, it keeps. */
function useKeys(onPage: (page: View) => void, run: Run): void {
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
      // The page is drawn by now. In the next frame would be too late: whoever types on at once would lose the letters.
      if (event.key === "f") document.getElementById("log-search")?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [onPage, run]);
}
