import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "electron";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { autostartEntry, setLoginItem, startedHidden } from "../../../electron/login-item.js";

let config: string;
let app: App;
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), "config-"));
  app = { getPath: () => config, getAppPath: () => "/src/lockstep", isPackaged: true } as unknown as App;
});
afterEach(() => rmSync(config, { recursive: true, force: true }));

describe.runIf(process.platform === "linux")("start at login", () => {
  it("is an entry in the desktop's autostart, hidden, and gone when it is switched off", () => {
    const entry = join(config, "autostart/lockstep.desktop");
    setLoginItem(app, true);
    expect(readFileSync(entry, "utf8")).toContain(`Exec="${process.execPath}" "--hidden"\n`);
    setLoginItem(app, false);
    expect(existsSync(entry)).toBe(false);
    setLoginItem(app, false);
  });

  it("from an AppImage starts the file that the user keeps, not the mount that it runs from", () => {
    process.env["APPIMAGE"] = "/home/ada/Apps/Lockstep.AppImage";
    try {
      setLoginItem(app, true);
    } finally {
      delete process.env["APPIMAGE"];
    }
    const entry = readFileSync(join(config, "autostart/lockstep.desktop"), "utf8");
    expect(entry).toContain('Exec="/home/ada/Apps/Lockstep.AppImage" "--hidden"\n');
  });
});

it("an entry quotes what a desktop would take for more than a word", () => {
  expect(autostartEntry(["/opt/my $app/100%/a\\b", '"'])).toContain(
    String.raw`Exec="/opt/my \\$app/100%%/a\\\\b" "\\""` + "\n",
  );
});

it("a start by the user is none of the login's", () => {
  expect(startedHidden(app, ["lockstep"])).toBe(false);
  expect(startedHidden(app, ["lockstep", "--hidden"])).toBe(true);
});
