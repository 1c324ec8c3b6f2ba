import { useState } from "preact/hooks";
import type { RecentEvent } from "../../electron/view/window-view.js";
import { clock, fullTime, shortDate } from "../dates.js";
import { EventGlyph } from "../glyphs.jsx";
import { EVENTS, WINDOW } from "../texts.js";
import { useNow } from "../ticking.jsx";

/** Hundreds of rows would double the page's memory, so the others are added on request. */
const SHOWN_AT_FIRST = 20;

/** Starts, stops, restarts and crashes, newest first, each with its reason and its actor. */
export function RecentEvents({ events }: { events: readonly RecentEvent[] }) {
  const now = useNow(60_000);
  const [all, showAll] = useState(false);
  const shown = all ? events : events.slice(0, SHOWN_AT_FIRST);
  return (
    <section class="recent-events" aria-labelledby="recent-events-title">
      <h2 id="recent-events-title">{EVENTS.title}</h2>
      {events.length === 0 ? (
        <p class="hint">{EVENTS.none}</p>
      ) : (
        <ol class="rows">
          {shown.map((event) => (
            <Row key={event.key} event={event} now={now} />
          ))}
        </ol>
      )}
      {events.length > SHOWN_AT_FIRST && (
        <button type="button" aria-expanded={all} onClick={() => showAll(!all)}>
          {all ? EVENTS.showFewer : EVENTS.showAll(events.length)}
        </button>
      )}
    </section>
  );
}

/** Shown when the list of events begins with others. */
export function LastRestart({ restart }: { restart: RecentEvent }) {
  return (
    <section class="last-restart" aria-labelledby="last-restart-title">
      <h2 id="last-restart-title">{EVENTS.lastRestart}</h2>
      <ol class="rows">
        <Row event={restart} now={useNow(60_000)} />
      </ol>
    </section>
  );
}

function Row({ event, now }: { event: RecentEvent; now: number }) {
  const { at, sign, tone, kind, title, details } = event;
  return (
    <li class={`recent-event tone-${tone}`}>
      {at === undefined ? <span class="time">{WINDOW.noTime}</span> : <Time at={at} now={now} />}
      <EventGlyph sign={sign} />
      <div>
        <p>
          <span class="unseen">{kind}: </span>
          {title}
        </p>
        {details.map((detail) => (
          <small key={detail}>{detail}</small>
        ))}
      </div>
    </li>
  );
}

const DAY_MS = 86_400_000;

/** The time of day for today, the date for earlier days, and both in the tooltip. */
function Time({ at, now }: { at: number; now: number }) {
  const date = new Date(at);
  const today = date.toDateString() === new Date(now).toDateString() || Math.abs(now - at) < DAY_MS / 4;
  return (
    <time class="time number" dateTime={date.toISOString()} title={fullTime(date)}>
      {today ? clock(date) : shortDate(date)}
    </time>
  );
}
