import { BREADCRUMB_COMPONENT, parseBreadcrumb } from "./breadcrumbs.js";
import { escapeToOneLine } from "../text/escape-control-characters.js";
import { truncated } from "../text/truncate.js";

/** `event`: a breadcrumb. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "event";

export interface LogLine {
  /** Undefined for a breadcrumb of PreviewsMCP's daemon, which logs no time. */
  at: Date | undefined;
  level: LogLevel;
  component: string;
  text: string;
}

/**
 * `2026-11-23T03:40:01.123+00:00 event daemon: ready (pid 123, version 0.1.0)`, in local time, without the last newline.
 * A text of several lines becomes as many complete lines. Control characters are escaped. Lines of more than 32,768
 * characters are cut, and marked as such.
 */
export function formatLogLine(at: Date, level: LogLevel, component: string, text: string): string {
  const head = `${localIso(at)} ${level} ${componentName(component)}: `;
  return text
    .replace(/[\r\n]+$/, "")
    .split(/\r?\n/)
    .map((line) => head + truncated(escapeToOneLine(line), MAX_LINE))
    .join("\n");
}

/** Parses one line of the log. Undefined for the output of other programs, such as the stack trace of a crash. */
export function parseLogLine(line: string): LogLine | undefined {
  const dated = DATED.exec(line);
  if (dated) {
    const at = new Date(dated[1]!);
    if (Number.isNaN(at.getTime())) return undefined;
    return { at, level: dated[2] as LogLevel, component: dated[3]!, text: dated[4] ?? "" };
  }
  if (!line.startsWith(UNDATED)) return undefined;
  const text = line.slice(UNDATED.length);
  if (!parseBreadcrumb(BREADCRUMB_COMPONENT, text)) return undefined;
  return { at: undefined, level: "event", component: BREADCRUMB_COMPONENT, text };
}

/** True for a breadcrumb, ours or PreviewsMCP's. Cheap enough for every line of a large log. */
export function isBreadcrumbLine(line: string): boolean {
  const candidate = line.startsWith(" event ", ISO_LENGTH) || line.startsWith(UNDATED);
  return candidate && parseLogLine(line)?.level === "event";
}

const MAX_LINE = 32_768;
const ISO_LENGTH = "2026-11-23T03:40:01.123+00:00".length;
const UNDATED = `${BREADCRUMB_COMPONENT}: `;
const DATED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d) (debug|info|warn|error|event) (.+?):(?: (.*)|)$/su;

function localIso(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const date = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${date}T${time}.${String(at.getMilliseconds()).padStart(3, "0")}${zone}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** Escapes a colon before a blank, which would end the component: names come from the user's configuration. */
function componentName(component: string): string {
  return escapeToOneLine(component).replace(/:(?=\s|$)/g, "_") || "-";
}
