import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, parseSettingChange, parseSettings } from "../../../../electron/settings/settings.js";

describe("settings", () => {
  it("come back as they were written", () => {
    const settings = {
      ...DEFAULT_SETTINGS,
      theme: "dark",
      otherDaemons: [{ name: "previewsmcp", directory: "/h/.previewsmcp" }],
    } as const;
    expect(parseSettings(JSON.parse(JSON.stringify(settings)), "/h")).toEqual({ settings, problems: [] });
  });

  it.each([[null], [[]], ["theme"], [7]])("are the defaults when the file holds %j", (value) => {
    const { settings, problems } = parseSettings(value, "/h");
    expect([settings, problems.length]).toEqual([DEFAULT_SETTINGS, 1]);
  });

  it("lose one bad value, not the others", () => {
    const { settings, problems } = parseSettings({ theme: "blue", notifications: false, unknown: 1 }, "/h");
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, notifications: false });
    expect(problems).toEqual(['"theme" has an invalid value; the default is used']);
  });

  it("leave out other daemons that cannot be listed, and say why of each", () => {
    const good = { name: "a", directory: "/a" };
    const wrong = [good, { name: "b", directory: "b" }, 1, { name: "lockstep", directory: "/l" }, { name: "c" }];
    const { settings, problems } = parseSettings({ otherDaemons: [good, ...wrong] }, "/h");
    expect(settings.otherDaemons).toEqual([good]);
    expect(problems).toEqual([
      expect.stringMatching(/entry 2 .*another one named "a"/),
      expect.stringMatching(/entry 3 .*"b", must begin with \/ or ~\//),
      expect.stringMatching(/entry 4 .*"name": …/),
      expect.stringMatching(/entry 5 .*choose another/),
      expect.stringMatching(/entry 6 .*c needs a directory/),
    ]);
  });

  it.each([
    ["~/.previewsmcp", "/h/.previewsmcp"],
    ["~", "/h"],
    ["/srv/tool/", "/srv/tool"],
  ])("take %s as the directory of another daemon", (directory, path) => {
    const { settings } = parseSettings({ otherDaemons: [{ name: "a", directory }] }, "/h");
    expect(settings.otherDaemons).toEqual([{ name: "a", directory: path }]);
  });

  it("change only where the window may change them", () => {
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
