import type { WindowView } from "../../electron/view/window-view.js";
import { CommandButton, type Run } from "../button.jsx";
import { Switch } from "../settings/switch.jsx";
import { FIRST_RUN, SETTINGS } from "../texts.js";

/** The introduction, shown until it is closed. */
export function FirstRun({ view: { app, settings }, run }: { view: WindowView; run: Run }) {
  const close = { do: "change-setting", change: { key: "welcomed", value: true } } as const;
  return (
    <section class="first-run" aria-labelledby="first-run-title">
      <h2 id="first-run-title">{FIRST_RUN.title}</h2>
      <p>{FIRST_RUN.about}</p>
      {app.installCommandLine ? (
        <p>
          {FIRST_RUN.install} <CommandButton button={app.installCommandLine} run={run} class="link" />
        </p>
      ) : (
        <p>{FIRST_RUN.tryIt}</p>
      )}
      <code>{FIRST_RUN.example}</code>
      <Switch
        label={SETTINGS.startAtLogin}
        on={settings.startAtLogin}
        change={(value) => run({ do: "change-setting", change: { key: "startAtLogin", value } })}
      />
      <CommandButton button={{ label: FIRST_RUN.close, command: close, enabled: true }} run={run} class="emphasis" />
    </section>
  );
}
