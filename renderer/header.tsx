import type { DaemonTab, ProgressView, WindowView } from "../electron/view/window-view.js";
import { CommandButton, useCommand, type Run } from "./button.jsx";
import { StateGlyph } from "./glyphs.jsx";
import { durationText } from "../src/text/duration.js";
import { WINDOW } from "./texts.js";
import { useNow, Words } from "./ticking.jsx";

/** The daemon's state, its button, and the progress of an operation. */
export function Header({ view: { daemons, daemon }, run }: { view: WindowView; run: Run }) {
  return (
    <header class="header">
      {daemons.length > 1 && <DaemonSwitch daemons={daemons} selected={daemon.id} run={run} />}
      <div class="status">
        <StateGlyph shape={daemon.shape} />
        <div class="status-words">
          <h1>{daemon.title}</h1>
          <p>
            <Words line={daemon.line} />
          </p>
        </div>
        {daemon.primary && (
          <div class="status-button">
            <CommandButton
              key={daemon.primary.command.do}
              button={daemon.primary}
              run={run}
              class={daemon.primary.emphasis ? "emphasis" : ""}
            />
          </div>
        )}
      </div>
      {daemon.progress && <Progress key={daemon.progress.since} progress={daemon.progress} />}
    </header>
  );
}

function DaemonSwitch({ daemons, selected, run }: { daemons: readonly DaemonTab[]; selected: string; run: Run }) {
  const { error, start } = useCommand(run);
  return (
    <nav class="switch" aria-label={WINDOW.daemons}>
      {daemons.map(({ id, name, shape, tone, title }) => (
        <button
          type="button"
          key={id}
          class={`tone-${tone}`}
          aria-pressed={id === selected}
          title={`${name}: ${title}`}
          onClick={() => start({ do: "select", daemon: id })}
        >
          <StateGlyph shape={shape} small />
          <span class="cut">{name}</span>
          <span class="unseen">, {title}</span>
        </button>
      ))}
      {error !== undefined && (
        <span class="button-error" role="alert">
          {error}
        </span>
      )}
    </nav>
  );
}

/** The time taken so far, and a bar that fills up to the time limit if there is one. */
function Progress({ progress }: { progress: ProgressView }) {
  const now = useNow(250);
  const taken = Math.max(0, now - progress.since);
  const whole = progress.until === undefined ? undefined : Math.max(1, progress.until - progress.since);
  const over = whole !== undefined && taken > whole;
  return (
    <div class="progress">
      <progress aria-label={progress.text} {...(whole === undefined || over ? {} : { value: taken, max: whole })} />
      <p>
        <span>{progress.text}</span>
        <span class="number">
          {durationText(taken)}
          {whole !== undefined && (over ? WINDOW.overdue : WINDOW.progressOf(whole))}
        </span>
      </p>
    </div>
  );
}
