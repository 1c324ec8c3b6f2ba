import { CommandButton, type Run } from "../button.jsx";
import { Switch } from "../settings/settings-view.jsx";

/** Shown until it was read: what this is, and how an editor comes to use it. */
export function FirstRun({ startAtLogin, run }: { startAtLogin: boolean; run: Run }) {
  const read = { do: "change-setting", change: { key: "welcomed", value: true } } as const;
  return (
    <section class="first-run" aria-labelledby="first-run-title">
      <h2 id="first-run-title">One warm daemon for all your tools</h2>
      <p>Lockstep keeps your MCP servers running and in step with what is installed. Try it in a terminal:</p>
      <code>lockstep call memory read_graph</code>
      <Switch
        label="Start at login"
        on={startAtLogin}
        change={(value) => run({ do: "change-setting", change: { key: "startAtLogin", value } })}
      />
      <CommandButton button={{ label: "Got it", command: read, enabled: true }} run={run} class="emphasis" />
    </section>
  );
}
