import type { Banner, Fact, WindowView } from "../../electron/view/window-view.js";
import { CommandButton, useCommand, type Run } from "../button.jsx";
import { FirstRun } from "./first-run.jsx";
import { Icon } from "../glyphs.jsx";
import { RecentEvents, LastRestart } from "./recent-events.jsx";
import { Heartbeat } from "./heartbeat.jsx";
import { Servers } from "./servers.jsx";
import { WINDOW } from "../texts.js";
import { Words } from "../ticking.jsx";

/** The Overview page: one daemon at a glance, the most important first. */
export function Overview({ view, run }: { view: WindowView; run: Run }) {
  const { daemon } = view;
  if (daemon.shape === "looking") return <Placeholder />;
  return (
    <>
      {view.app.firstRun && <FirstRun view={view} run={run} />}
      {daemon.banners.map((banner) => (
        <BannerCard key={banner.key} banner={banner} run={run} />
      ))}
      {daemon.heartbeat && <Heartbeat heartbeat={daemon.heartbeat} silent={daemon.shape === "unresponsive"} />}
      {daemon.facts.length > 0 && <Facts facts={daemon.facts} />}
      {daemon.readOnly !== undefined && <p class="hint">{daemon.readOnly}</p>}
      <Servers servers={daemon.servers} run={run} />
      {daemon.lastRestart && <LastRestart restart={daemon.lastRestart} />}
      <RecentEvents events={daemon.recentEvents} />
    </>
  );
}

/** Bars where the text will be, until the daemon's state is known. */
function Placeholder() {
  return (
    <div class="looking" aria-hidden="true">
      {[72, 44, 88, 60, 80].map((width, row) => (
        <span key={row} class={`bone bone-${width}`} />
      ))}
    </div>
  );
}

function BannerCard({ banner, run }: { banner: Banner; run: Run }) {
  const { busy, start } = useCommand(run);
  const { tone, title, text, button, dismiss } = banner;
  const long = typeof text === "string" && text.length > 70;
  return (
    <section class={`banner tone-${tone}`} aria-label={title}>
      <div class={long && button ? "long" : undefined}>
        <h2>{title}</h2>
        {text !== undefined && (
          <p>
            <Words line={text} />
          </p>
        )}
      </div>
      {button && <CommandButton button={button} run={run} />}
      {dismiss && (
        <button
          type="button"
          class="quiet"
          aria-label={WINDOW.dismiss}
          title={WINDOW.dismiss}
          aria-disabled={busy}
          onClick={() => start(dismiss)}
        >
          <Icon name="close" />
        </button>
      )}
    </section>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(({ label, value, full, note }) => (
        <div key={label} class={typeof value === "string" && value.length > 24 ? "wide" : undefined}>
          <dt>{label}</dt>
          <dd title={full}>
            <Words line={value} />
            {note !== undefined && <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
