import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../../electron/settings/settings.js";
import { readSettings, writeSettings } from "../../../../electron/settings/settings-file.js";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "settings-"));
  file = join(directory, "app/settings.json");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the settings file", () => {
  it("gives back what was written, and nothing else lies beside it", () => {
    const settings = { ...DEFAULT_SETTINGS, theme: "dark", notifications: false } as const;
    writeSettings(file, settings);
    expect(readSettings(file)).toEqual({ settings, problems: [] });
    expect(readdirSync(join(directory, "app"))).toEqual(["settings.json"]);
  });

  it("need not exist", () => {
    expect(readSettings(file)).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
  });

  it("that is no JSON is kept for the user, and the defaults are used", () => {
    writeSettings(file, DEFAULT_SETTINGS);
    writeFileSync(file, '{"theme": "dark"');
    const { settings, problems } = readSettings(file);
    expect(settings).toEqual(DEFAULT_SETTINGS);
    expect(problems).toEqual([expect.stringContaining(`it is kept as ${file}.broken`)]);
    writeSettings(file, settings);
    expect(readFileSync(`${file}.broken`, "utf8")).toBe('{"theme": "dark"');
  });

  it("with one bad value keeps the others, and names it", () => {
    mkdirSync(join(directory, "app"));
    writeFileSync(file, '{"theme": "pink", "icon": "light"}');
    const { settings, problems } = readSettings(file);
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, icon: "light" });
    expect(problems).toEqual([expect.stringMatching(/settings\.json: "theme"/)]);
  });

  it("that can't be read gives the defaults and says why", () => {
    mkdirSync(file, { recursive: true });
    const { settings, problems } = readSettings(file);
    expect(settings).toEqual(DEFAULT_SETTINGS);
    expect(problems).toEqual([expect.stringContaining("can't be read")]);
  });

  it("that cannot be written is an error, and the old one stays", () => {
    writeSettings(file, DEFAULT_SETTINGS);
    const unserializable = { ...DEFAULT_SETTINGS, icon: 1n as never };
    expect(() => writeSettings(file, unserializable)).toThrow();
    expect(readSettings(file)).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
    expect(readdirSync(join(directory, "app"))).toEqual(["settings.json"]);
  });
});
