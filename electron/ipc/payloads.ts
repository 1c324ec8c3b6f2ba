import { isObject } from "../../src/wire/message.js";
import type { Command, DaemonAction } from "./command.js";
import { parseSettingChange } from "../settings/settings.js";
import type { PayloadParsers } from "./schema.js";
import { LOG_NEEDLE_MOST, LOG_PAGE_MOST, type LogPosition } from "./log-messages.js";

/**
 * What may come from the window, message by message: parsed, never cast, since an attacker who controls the renderer can
 * send anything. A parser throws an Error that says what is wrong, and drops every field that it does not name.
 */
export const payloadParsers: PayloadParsers = {
  view: {
    get: (raw) => {
      if (raw !== undefined) throw new Error("view.get takes no payload");
      return undefined;
    },
  },
  command: { run: parseCommand },
  log: {
    page: (raw) => {
      const fields = record(raw);
      return {
        daemon: text(fields, "daemon"),
        before: position(fields["before"]),
        count: count(fields["count"]),
        breadcrumbsOnly: flag(fields, "breadcrumbsOnly"),
      };
    },
    search: (raw) => {
      const fields = record(raw);
      return {
        daemon: text(fields, "daemon"),
        needle: text(fields, "needle", LOG_NEEDLE_MOST),
        before: position(fields["before"]),
        breadcrumbsOnly: flag(fields, "breadcrumbsOnly"),
      };
    },
    follow: (raw) => {
      const fields = record(raw);
      const { from } = fields;
      const daemon = text(fields, "daemon");
      if (from === "end" || from === "off") return { daemon, from };
      const at = position(from);
      if (!at) throw new Error('"from" must be a position, "end" or "off"');
      return { daemon, from: at };
    },
  },
};

const OF_WINDOW = ["open", "show-log", "show-settings", "hide"] as const;
const OF_APP = [
  "copy-diagnostics",
  "check-updates",
  "restart-to-update",
  "relaunch",
  "install-command-line",
  "remove-command-line",
  "dismiss-notice",
  "dismiss-no-tray",
  "quit",
  "stop-and-quit",
] as const;
/** A record, so that the compiler notices a missing one. */
const OF_DAEMON: Record<DaemonAction, true> = {
  start: true,
  stop: true,
  restart: true,
  "restart-anyway": true,
  "open-log-file": true,
  "edit-servers": true,
  "open-folder": true,
  "dismiss-problem": true,
  select: true,
};

function parseCommand(raw: unknown): Command {
  const fields = record(raw);
  const name = text(fields, "do");
  const simple = OF_WINDOW.find((one) => one === name) ?? OF_APP.find((one) => one === name);
  if (simple) return { do: simple };
  if (name === "edit-settings") return { do: name };
  if (isDaemonAction(name)) return { do: name, daemon: text(fields, "daemon") };
  if (name === "restart-server") return { do: name, daemon: text(fields, "daemon"), server: text(fields, "server") };
  if (name === "change-setting") {
    const change = parseSettingChange(fields["change"]);
    if (change) return { do: name, change };
  }
  throw new Error(`no such command: ${JSON.stringify(name)}`);
}

function isDaemonAction(name: string): name is DaemonAction {
  return Object.hasOwn(OF_DAEMON, name);
}

function position(raw: unknown): LogPosition | undefined {
  if (raw === undefined) return undefined;
  const fields = record(raw);
  const offset = fields["offset"];
  if (typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0) {
    throw new Error('"offset" must be a count of bytes');
  }
  return { file: text(fields, "file", 100), offset };
}

function count(raw: unknown): number {
  if (typeof raw !== "number" || !Number.isInteger(raw) || raw < 1 || raw > LOG_PAGE_MOST) {
    throw new Error(`"count" must be a number from 1 to ${LOG_PAGE_MOST}`);
  }
  return raw;
}

function flag(fields: Record<string, unknown>, name: string): boolean {
  const value = fields[name];
  if (typeof value !== "boolean") throw new Error(`"${name}" must be true or false`);
  return value;
}

function text(fields: Record<string, unknown>, name: string, longest = 300): string {
  const value = fields[name];
  if (typeof value !== "string" || value === "" || value.length > longest) {
    throw new Error(`"${name}" must be text of 1 to ${longest} characters`);
  }
  return value;
}

function record(raw: unknown): Record<string, unknown> {
  if (!isObject(raw)) throw new Error("the payload must be an object");
  return raw;
}
