import { isAbsolute, join } from "node:path";
import { isObject } from "../../src/wire/message.js";

/** What the user chose. The file can be edited by hand, so every value is checked when it is read. */
export interface Settings {
  startAtLogin: boolean;
  notifications: boolean;
  /** Check for updates every few hours, and download them. */
  autoUpdate: boolean;
  icon: IconStyle;
  theme: Theme;
  /** The first-run card was dismissed. */
  welcomed: boolean;
  /** Other tools' daemons to list beside Lockstep's, read-only. */
  otherDaemons: readonly OtherDaemon[];
}

export type IconStyle = "auto" | "light" | "dark" | "coloured";
export type Theme = "system" | "light" | "dark";

export interface OtherDaemon {
  name: string;
  /** Its state directory, an absolute path, with `serve.sock` in it. The file may begin it with `~/`. */
  directory: string;
}

export const DEFAULT_SETTINGS: Settings = {
  startAtLogin: false,
  notifications: true,
  autoUpdate: true,
  icon: "auto",
  theme: "system",
  welcomed: false,
  otherDaemons: [],
};

/** The settings that the window may change, one at a time. */
export type SettingChange =
  | { key: "startAtLogin" | "notifications" | "autoUpdate" | "welcomed"; value: boolean }
  | { key: "icon"; value: IconStyle }
  | { key: "theme"; value: Theme };

export const ICON_STYLES: readonly IconStyle[] = ["auto", "light", "dark", "coloured"];
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

/**
 * Reads settings from parsed JSON. A value that is missing or of the wrong type becomes its default, and `problems` says
 * so in words: one bad value never affects the others. `home` is what `~` stands for.
 */
export function parseSettings(value: unknown, home: string): { settings: Settings; problems: string[] } {
  const problems: string[] = [];
  if (!isObject(value)) return { settings: DEFAULT_SETTINGS, problems: ["the file doesn't contain a JSON object"] };
  const take = <K extends keyof Settings>(key: K, read: (raw: unknown) => Settings[K] | undefined): Settings[K] => {
    if (value[key] === undefined) return DEFAULT_SETTINGS[key];
    const taken = read(value[key]);
    if (taken === undefined) problems.push(`"${key}" has an invalid value; the default is used`);
    return taken ?? DEFAULT_SETTINGS[key];
  };
  const settings: Settings = {
    startAtLogin: take("startAtLogin", readBoolean),
    notifications: take("notifications", readBoolean),
    autoUpdate: take("autoUpdate", readBoolean),
    icon: take("icon", (raw) => ICON_STYLES.find((style) => style === raw)),
    theme: take("theme", (raw) => THEMES.find((theme) => theme === raw)),
    welcomed: take("welcomed", readBoolean),
    otherDaemons: take("otherDaemons", (raw) => readDaemons(raw, home, problems)),
  };
  return { settings, problems };
}

/** Undefined if the window may not make this change. */
export function parseSettingChange(value: unknown): SettingChange | undefined {
  if (!isObject(value)) return undefined;
  const { key, value: wanted } = value;
  switch (key) {
    case "startAtLogin":
    case "notifications":
    case "autoUpdate":
    case "welcomed":
      return typeof wanted === "boolean" ? { key, value: wanted } : undefined;
    case "icon": {
      const style = ICON_STYLES.find((one) => one === wanted);
      return style && { key, value: style };
    }
    case "theme": {
      const theme = THEMES.find((one) => one === wanted);
      return theme && { key, value: theme };
    }
    default:
      return undefined;
  }
}

function readDaemons(raw: unknown, home: string, problems: string[]): OtherDaemon[] | undefined {
  if (!Array.isArray(raw)) return undefined;
  const daemons: OtherDaemon[] = [];
  for (const [index, entry] of (raw as unknown[]).entries()) {
    const daemon = readDaemon(entry, home, daemons);
    if (typeof daemon === "string") problems.push(`entry ${index + 1} of "otherDaemons" was skipped: ${daemon}`);
    else daemons.push(daemon);
  }
  return daemons;
}

const NAME_MOST = 80;

/** The daemon, or why it cannot be listed. */
function readDaemon(entry: unknown, home: string, before: readonly OtherDaemon[]): OtherDaemon | string {
  if (!isObject(entry)) return 'it must be {"name": …, "directory": …}';
  const { name, directory: given } = entry;
  if (typeof name !== "string" || name.trim() === "") return "it needs a name";
  if (name.length > NAME_MOST) return `its name is longer than ${NAME_MOST} characters`;
  if (name === "lockstep") return '"lockstep" is the name of the app\'s own daemon: choose another';
  if (before.some((other) => other.name === name)) return `there is another one named "${name}"`;
  if (typeof given !== "string" || given === "") return `${name} needs a directory`;
  const directory = given === "~" ? home : given.startsWith("~/") ? join(home, given.slice(2)) : given;
  if (!isAbsolute(directory)) return `the directory of ${name}, "${given}", must begin with / or ~/`;
  return { name, directory: directory.length > 1 ? directory.replace(/\/+$/, "") : directory };
}

function readBoolean(raw: unknown): boolean | undefined {
  return typeof raw === "boolean" ? raw : undefined;
}
