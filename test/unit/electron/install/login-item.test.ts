import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "electron";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  autostartEntry,
  followLoginItem,
  loginItemState,
  setLoginItem,
  startedHidden,
} from "../../../../electron/install/login-item.js";

let config: string;
let app: App;
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), "config-"));
  app = { getPath: () => config, getAppPath: () => "/src/lockstep", isPackaged: true } as unknown as App;
});
afterEach(() => rmSync(config, { recursive: true, force: true }));

describe.runIf(process.platform === "linux")("start at login", () => {
  const written = (): string => readFileSync(join(config, "autostart/lockstep.desktop"), "utf8");

  it("is an entry in the desktop's autostart, hidden, and gone when it is switched off", () => {
    const entry = join(config, "autostart/lockstep.desktop");
    setLoginItem(app, true, ["/opt/Lockstep/lockstep-app"]);
    expect(readFileSync(entry, "utf8")).toContain('Exec="/opt/Lockstep/lockstep-app" "--hidden"\n');
    setLoginItem(app, false, []);
    expect(existsSync(entry)).toBe(false);
    setLoginItem(app, false, []);
  });

  it("is enabled only while the entry is there, and the desktop was not told to leave it out", () => {
    expect(loginItemState(app)).toBe("absent");
    setLoginItem(app, true, ["/opt/lockstep-app"]);
    expect(loginItemState(app)).toBe("enabled");
    const enabled = written();
    for (const [from, to] of [
      ["X-GNOME-Autostart-enabled=true", "X-GNOME-Autostart-enabled=false"],
      ["Terminal=false", "Terminal=false\nHidden=true"],
      ["Terminal=false", "Terminal=false\nHidden = True "],
    ] as const) {
      writeFileSync(join(config, "autostart/lockstep.desktop"), enabled.replace(from, to));
      expect(loginItemState(app), to).toBe("disabled");
    }
    // Switched on again by the user.
    setLoginItem(app, true, ["/opt/lockstep-app"]);
    expect(loginItemState(app)).toBe("enabled");
  });

  it("follows the app to another file, and leaves alone what the desktop noted in the entry", () => {
    setLoginItem(app, true, ["/home/ada/Lockstep-1.0.AppImage"]);
    const entry = join(config, "autostart/lockstep.desktop");
    writeFileSync(entry, written() + "Hidden=true\n");
    followLoginItem(app, ["/home/ada/$& 1.1.AppImage"]);
    expect(written()).toBe(autostartEntry(["/home/ada/$& 1.1.AppImage", "--hidden"]) + "Hidden=true\n");
  });

  it("makes no entry where the user took it away, and does not follow a checkout", () => {
    followLoginItem(app, ["/opt/lockstep-app"]);
    expect(existsSync(join(config, "autostart"))).toBe(false);
    setLoginItem(app, true, ["/opt/lockstep-app"]);
    followLoginItem({ ...app, isPackaged: false }, ["electron", "/src/lockstep"]);
    expect(written()).toContain('Exec="/opt/lockstep-app"');
  });
});

it("an entry quotes what a desktop would take for more than a word", () => {
  expect(autostartEntry(["/opt/my $app/100%/a\\b", '"'])).toContain(
    String.raw`Exec="/opt/my \\$app/100%%/a\\\\b" "\\""` + "\n",
  );
});

it("a start by the user is not a start at login", () => {
  expect(startedHidden(app, ["lockstep"])).toBe(false);
  expect(startedHidden(app, ["lockstep", "--hidden"])).toBe(true);
});
