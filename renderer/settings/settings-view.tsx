import { useState } from "preact/hooks";
import type { Result } from "../../electron/ipc/result.js";
import type { IconStyle, SettingChange, Theme } from "../../electron/settings/settings.js";
import type { WindowView } from "../../electron/view/window-view.js";
import { CommandButton, type Run } from "../button.jsx";
import { Words } from "../ticking.jsx";

export function SettingsView({ view: { settings, app }, run }: { view: WindowView; run: Run }) {
  const change = (wanted: SettingChange): Promise<Result<void>> => run({ do: "change-setting", change: wanted });
  return (
    <>
      <section class="settings" aria-labelledby="general-title">
        <h2 id="general-title">General</h2>
        <Switch
          label="Start at login"
          hint="Comes up hidden, with its icon only"
          on={settings.startAtLogin}
          change={(value) => change({ key: "startAtLogin", value })}
        />
        <Switch
          label="Notifications"
          hint="Only when the daemon stops unexpectedly, a restart fails or an update is ready"
          on={settings.notifications}
          change={(value) => change({ key: "notifications", value })}
        />
      </section>
      <section class="settings" aria-labelledby="look-title">
        <h2 id="look-title">Appearance</h2>
        <Choice
          label="Theme"
          options={THEMES}
          chosen={settings.theme}
          change={(value) => change({ key: "theme", value })}
        />
        <Choice
          label="Icon"
          options={ICONS}
          chosen={settings.icon}
          change={(value) => change({ key: "icon", value })}
        />
      </section>
      <section class="settings" aria-labelledby="updates-title">
        <h2 id="updates-title">Updates</h2>
        <div class="setting">
          <div>
            <p>Lockstep {app.version}</p>
            <small>
              <Words line={app.updates.text} />
            </small>
          </div>
          {app.updates.button && <CommandButton button={app.updates.button} run={run} />}
        </div>
        {app.updates.percent !== undefined && (
          <progress aria-label="Downloading the update" max={100} value={app.updates.percent} />
        )}
        {app.updates.automatic && (
          <Switch
            label="Update automatically"
            hint="Looks every few hours and downloads; installs when you restart or quit"
            on={settings.autoUpdate}
            change={(value) => change({ key: "autoUpdate", value })}
          />
        )}
      </section>
    </>
  );
}

const THEMES: readonly [Theme, string][] = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];
const ICONS: readonly [IconStyle, string][] = [
  ["auto", "Auto"],
  ["light", "Light"],
  ["dark", "Dark"],
  ["coloured", "Colour"],
];

interface SwitchProps {
  label: string;
  hint?: string;
  on: boolean;
  change: (on: boolean) => Promise<Result<void>>;
}

/** It turns when the main process says that it turned; an error leaves it as it was, and is said. */
export function Switch({ label, hint, on, change }: SwitchProps) {
  const [error, setError] = useState<string>();
  const turn = async (): Promise<void> => {
    const result = await change(!on).catch((cause: unknown) => ({ ok: false, error: String(cause) }) as const);
    setError(result.ok ? undefined : result.error);
  };
  return (
    <label class="setting">
      <span>
        {label}
        {hint !== undefined && <small>{hint}</small>}
        {error !== undefined && (
          <small class="button-error" role="alert">
            {error}
          </small>
        )}
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={on}
        onClick={(event) => {
          event.preventDefault();
          void turn();
        }}
      />
    </label>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  options: readonly (readonly [T, string])[];
  chosen: T;
  change: (value: T) => Promise<Result<void>>;
}

function Choice<T extends string>({ label, options, chosen, change }: ChoiceProps<T>) {
  return (
    <div class="setting" role="radiogroup" aria-label={label}>
      <span aria-hidden="true">{label}</span>
      <div class="segments">
        {options.map(([value, text]) => (
          <label key={value}>
            <input type="radio" name={label} checked={value === chosen} onChange={() => void change(value)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </div>
  );
}
