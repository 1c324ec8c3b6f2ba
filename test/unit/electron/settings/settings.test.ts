import { describe, expect, it } from "vitest";
import {
  DEFAULT_SETTINGS,
  parseSettingChange,
  parseSettings,
  withChange,
} from "../../../../electron/settings/settings.js";

describe("settings", () => {
  it("come back as they were written", () => {
    const settings = {
      ...DEFAULT_SETTINGS,
      theme: "dark",
      otherDaemons: [{ name: "previewsmcp", directory: "/h/.previewsmcp" }],
    } as const;
    expect(parseSettings(JSON.parse(JSON.stringify(settings)))).toEqual({ settings, problems: [] });
  });

  it.each([[null], [[]], ["theme"], [7]])("are the defaults when the file holds %j", (value) => {
    const { settings, problems } = parseSettings(value);
    expect([settings, problems.length]).toEqual([DEFAULT_SETTINGS, 1]);
  });

  it("lose one bad value, not the others", () => {
    const { settings, problems } = parseSettings({ theme: "blue", notifications: false, unknown: 1 });
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, notifications: false });
    expect(problems).toEqual(['"theme" has an invalid value; the default is used']);
  });

  it("leave out daemons without a name of their own or an absolute directory", () => {
    const good = { name: "a", directory: "/a" };
    const { settings, problems } = parseSettings({
      otherDaemons: [good, good, { name: "b", directory: "b" }, 1, { name: "lockstep", directory: "/l" }],
    });
    expect([settings.otherDaemons, problems.length]).toEqual([[good], 4]);
  });

  it("change one at a time, and only those that the window may change", () => {
    expect(withChange(DEFAULT_SETTINGS, { key: "icon", value: "coloured" }).icon).toBe("coloured");
    expect(parseSettingChange({ key: "theme", value: "light" })).toEqual({ key: "theme", value: "light" });
    for (const bad of [
      undefined,
      {},
      { key: "theme", value: "x" },
      { key: "startAtLogin", value: 1 },
      { key: "otherDaemons", value: [] },
      { key: "__proto__", value: true },
    ]) {
      expect(parseSettingChange(bad)).toBeUndefined();
    }
  });
});
