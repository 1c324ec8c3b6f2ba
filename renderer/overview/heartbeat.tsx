import type { HeartbeatView } from "../../electron/view/window-view.js";
import { stripColumns, stripStarts, stripText, longestLag, type Column } from "./heartbeat-strip.js";
import { ageText } from "../../src/text/duration.js";
import { HEARTBEAT } from "../texts.js";
import { useNow } from "../ticking.jsx";

const COLUMNS = 109;
const COLUMN_WIDTH = 3;
const BAR_WIDTH = 2;
const HEIGHT = 30;

/** The age of the last heartbeat, and a strip of the last minutes. */
export function Heartbeat({ heartbeat, silent }: { heartbeat: HeartbeatView; silent: boolean }) {
  return (
    <section class="heartbeat" aria-labelledby="heartbeat-title">
      <div class="heartbeat-head">
        <h2 id="heartbeat-title">{HEARTBEAT.title}</h2>
        <BeatAge heartbeat={heartbeat} silent={silent} />
      </div>
      <Strip heartbeat={heartbeat} />
    </section>
  );
}

function BeatAge({ heartbeat, silent }: { heartbeat: HeartbeatView; silent: boolean }) {
  const now = useNow(500);
  const ms = now - heartbeat.lastBeatAt;
  const late = silent || (heartbeat.watched && ms > 1.5 * heartbeat.intervalMs);
  return (
    <p class={late ? "beat-age late" : "beat-age"}>
      <span class={`beat-dot ${late ? "" : ring(ms)}`} aria-hidden="true" />
      <span class="number">{ageText(ms)}</span> ago{late ? HEARTBEAT.late : ""}
    </p>
  );
}

/**
 * The ring around the dot, which fades as the age counts up. An animation would redraw the whole window sixty times a
 * second, in software.
 */
function ring(ms: number): string {
  if (ms < 450) return "beat-new";
  return ms < 950 ? "beat-fading" : "";
}

function Strip({ heartbeat }: { heartbeat: HeartbeatView }) {
  const now = useNow(1000);
  const columns = stripColumns(heartbeat, now, COLUMNS);
  const starts = stripStarts(heartbeat, now, COLUMNS);
  const lag = longestLag(columns);
  const width = COLUMNS * COLUMN_WIDTH - 1;
  return (
    <>
      <svg
        class="strip"
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={stripText(heartbeat, columns, starts.length)}
      >
        <path class="strip-base" d={`M0 ${HEIGHT - 0.5}H${width}`} />
        <path class="strip-beat" d={bars(columns, "beat")} />
        <path class="strip-slow" d={bars(columns, "slow")} />
        <path class="strip-gap" d={ticks(columns, "gap")} />
        <path class="strip-start" d={starts.map((place) => `M${place * COLUMN_WIDTH - 1} 0V${HEIGHT}h1V0z`).join("")} />
        <path class="strip-asleep" d={ticks(columns, "asleep")} />
      </svg>
      <p class="strip-scale" aria-hidden="true">
        <span>{HEARTBEAT.windowStart(heartbeat.windowMs)}</span>
        {lag !== undefined && (
          <span title={HEARTBEAT.whatDelayMeans}>
            {HEARTBEAT.longestDelay} <span class="number">{lag}</span>
          </span>
        )}
        <span>{HEARTBEAT.now}</span>
      </p>
    </>
  );
}

function bars(columns: readonly Column[], is: "beat" | "slow"): string {
  return columns
    .map((column, place) => {
      if (column.is !== is || !("height" in column)) return "";
      const top = Math.round(HEIGHT * (1 - column.height));
      return `M${place * COLUMN_WIDTH} ${HEIGHT}V${top}h${BAR_WIDTH}V${HEIGHT}z`;
    })
    .join("");
}

/** Marks on the base line for missing beats, so that they differ from bars by more than colour. */
function ticks(columns: readonly Column[], is: "gap" | "asleep"): string {
  const top = is === "gap" ? HEIGHT - 4 : HEIGHT - 2;
  return columns
    .map((column, place) =>
      column.is === is ? `M${place * COLUMN_WIDTH} ${HEIGHT}V${top}h${BAR_WIDTH}V${HEIGHT}z` : "",
    )
    .join("");
}
