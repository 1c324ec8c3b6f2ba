import type { Result } from "../../electron/ipc/result.js";
import type { SettingChange } from "../../electron/settings/settings.js";
import type { AppView, WindowView } from "../../electron/view/window-view.js";
import { CommandButton, type Run } from "../button.jsx";
import { SETTINGS } from "../texts.js";
import { Words } from "../ticking.jsx";
import { RadioGroup } from "./radio-group.jsx";
import { Switch } from "./switch.jsx";

type Change = (change: SettingChange) => Promise<Result<void>>;

/** The Settings page. */
export function SettingsView({ view: { settings, app }, run }: { view: WindowView; run: Run }) {
  const change: Change = (wanted) => run({ do: "change-setting", change: wanted });
  return (
    <>
      <section class="settings" aria-labelledby="general-title">
        <h2 id="general-title">{SETTINGS.general}</h2>
        <Switch
          label={SETTINGS.startAtLogin}
          hint={app.loginItemDisabled ? SETTINGS.startAtLoginDisabled : SETTINGS.startAtLoginHint}
          on={settings.startAtLogin}
          change={(value) => change({ key: "startAtLogin", value })}
        />
        <Switch
          label={SETTINGS.notifications}
          hint={SETTINGS.notificationsHint}
          on={settings.notifications}
          change={(value) => change({ key: "notifications", value })}
        />
      </section>
      <section class="settings" aria-labelledby="look-title">
        <h2 id="look-title">{SETTINGS.appearance}</h2>
        <RadioGroup
          label={SETTINGS.theme}
          options={SETTINGS.themes}
          chosen={settings.theme}
          change={(value) => change({ key: "theme", value })}
        />
        <RadioGroup
          label={SETTINGS.icon}
          options={SETTINGS.icons}
          chosen={settings.icon}
          change={(value) => change({ key: "icon", value })}
        />
      </section>
      <Updates app={app} automatic={settings.autoUpdate} change={change} run={run} />
    </>
  );
}

function Updates({ app, automatic, change, run }: { app: AppView; automatic: boolean; change: Change; run: Run }) {
  const { text, button, percent, canUpdateItself } = app.updates;
  return (
    <section class="settings" aria-labelledby="updates-title">
      <h2 id="updates-title">{SETTINGS.updates}</h2>
      <div class="setting">
        <div>
          <p>{SETTINGS.product(app.version)}</p>
          <small>
            <Words line={text} />
          </small>
        </div>
        {button && <CommandButton button={button} run={run} />}
      </div>
      {percent !== undefined && <progress aria-label={SETTINGS.downloading} max={100} value={percent} />}
      {canUpdateItself && (
        <Switch
          label={SETTINGS.updateAutomatically}
          hint={SETTINGS.updateAutomaticallyHint}
          on={automatic}
          change={(value) => change({ key: "autoUpdate", value })}
        />
      )}
    </section>
  );
}
