import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect } from "vitest";
import { DEFAULT_SETTINGS } from "../../../../electron/settings/settings.js";
import { changeSetting, readSettings } from "../../../../electron/settings/settings-file.js";
import { it as base } from "../../../fixtures/it/with-directory.js";

const it = base
  .extend("file", ({ directory }) => join(directory, "app/settings.json"))
  .extend("write", ({ file }) => {
    return (text: string): void => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
  })
  .extend(
    "text",
    ({ file }) =>
      () =>
        readFileSync(file, "utf8"),
  );

const NOTIFY_NOT = { key: "notifications", value: false } as const;
const DARK = { key: "theme", value: "dark" } as const;

describe("reading the settings", () => {
  it("the settings need no file", ({ file }) => {
    expect(readSettings(file, "/h")).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
  });

  it("the settings may have comments, trailing commas, a byte order mark, or nothing in their file", ({
    file,
    write,
  }) => {
    write('\uFEFF{\n  // at night\n  "theme": "dark",\n}\n');
    expect(readSettings(file, "/h")).toEqual({ settings: { ...DEFAULT_SETTINGS, theme: "dark" }, problems: [] });
    write("\n");
    expect(readSettings(file, "/h")).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
  });

  it("one bad value leaves the other settings as they are, and is named", ({ file, write }) => {
    write('{"theme": "pink", "icon": "light"}');
    const { settings, problems } = readSettings(file, "/h");
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, icon: "light" });
    expect(problems).toEqual([expect.stringMatching(/settings\.json: "theme"/)]);
  });

  it.for([
    ['{"theme": "dark"', /settings\.json:1:17 isn't valid JSON: close brace expected/],
    ['{\n  "theme" "dark"\n}', /settings\.json:2:11 isn't valid JSON: colon expected/],
    ["[]", /must contain a JSON object/],
  ] as const)(
    "settings in a file with %j are none, the place is named, and the file stays",
    ([content, what], { file, write, text }) => {
      write(content);
      const { settings, problems } = readSettings(file, "/h");
      expect([settings, problems]).toEqual([undefined, [expect.stringMatching(what)]]);
      expect(text()).toBe(content);
      expect(readdirSync(dirname(file))).toEqual(["settings.json"]);
    },
  );

  it("settings that can't be read are none, and say why", ({ file }) => {
    mkdirSync(file, { recursive: true });
    expect(readSettings(file, "/h")).toEqual({
      settings: undefined,
      problems: [expect.stringContaining("can't be read")],
    });
  });
});

describe("changing a setting", () => {
  it("a change without a file writes that setting alone, for the user only, with nothing left beside it", ({
    file,
    text,
  }) => {
    changeSetting(file, DARK);
    expect(text()).toBe('{\n  "theme": "dark"\n}\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file))).toEqual(["settings.json"]);
  });

  it("a change leaves comments, formatting, mistyped entries and a newer version's keys as they are", ({
    file,
    write,
    text,
  }) => {
    const before = `\uFEFF{\r
\t// mine
\t"theme":   "light",   /* for now */
\t"otherDaemons": [{"name": 7, "directory": "x"}, "typo"],
\t"hologram": {"depth": 3},
}\r
`;
    write(before);
    changeSetting(file, DARK);
    expect(text()).toBe(before.replace('"light"', '"dark"'));
    changeSetting(file, NOTIFY_NOT);
    expect(readSettings(file, "/h").settings).toEqual({ ...DEFAULT_SETTINGS, theme: "dark", notifications: false });
    expect(text()).toContain("// mine\n");
    expect(text()).toContain('"hologram": {"depth": 3}');
    expect(text()).toContain('[{"name": 7, "directory": "x"}, "typo"]');
  });

  it("of a key that appears twice, the change is made in the one that counts", ({ file, write, text }) => {
    write('{"theme": "light", "theme": "system"}');
    changeSetting(file, DARK);
    expect(text()).toBe('{"theme": "light", "theme": "dark"}');
  });

  it("a change that is taken back leaves the file as it was", ({ file, write, text }) => {
    write('{ "icon":"light" }');
    changeSetting(file, DARK)();
    expect(text()).toBe('{ "icon":"light" }');
  });

  it("a link to the settings stays one, and their file keeps its mode", ({ directory, file, write }) => {
    const linked = join(directory, "linked.json");
    write('{"theme": "light"}');
    chmodSync(file, 0o644);
    symlinkSync(file, linked);
    changeSetting(linked, DARK);
    expect(lstatSync(linked).isSymbolicLink()).toBe(true);
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(['{"theme": "dark"}', 0o644]);
  });

  it.for(['{"theme": "dark"', "[1]"])(
    "a change to a file with %j is refused, and the file stays",
    (content, { file, write, text }) => {
      write(content);
      expect(() => changeSetting(file, NOTIFY_NOT)).toThrow(file);
      expect(text()).toBe(content);
      expect(readdirSync(dirname(file))).toEqual(["settings.json"]);
    },
  );

  it("a change that cannot be written is an error", ({ directory, file }) => {
    // Nothing can be created below a file, not even by root.
    writeFileSync(join(directory, "app"), "");
    expect(() => changeSetting(file, DARK)).toThrow();
  });
});
