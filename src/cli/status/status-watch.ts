import { setTimeout as delay } from "node:timers/promises";

import type { DaemonSpec } from "../../client/spec/daemon-spec.js";
import { reportStatus, type StatusReport } from "../../client/connect/status-report.js";
import { escapeToOneLine } from "../../text/escape-control-characters.js";
import { cutToWidth, textWidth } from "../../text/width.js";
import { isBreadcrumbLine } from "../../log/line.js";
import { readLastLines } from "../../log/reader.js";
import { EXIT } from "../exit-code.js";
import { statusDigest, statusLine } from "./status-change.js";
import { errorReport, type ErrorReport } from "../terminal/error-report.js";
import { isReaderGone } from "../terminal/reader-gone.js";
import { statusView } from "./status-view.js";
import type { Terminal } from "../terminal/terminal.js";

/** Between two looks, ms: the age of a heartbeat ticks in seconds. */
const LOOK_EVERY_MS = 1_000;
const SHOWN_BREADCRUMBS = 6;

/**
 * Looks once a second until q, ctrl-c or SIGTERM, or until its reader is gone: a screen that is redrawn on a terminal, else a line for each change.
 * Each look is a connection of its own, so that daemons may come and go.
 */
export async function watchStatus(spec: DaemonSpec, terminal: Terminal, json: boolean): Promise<number> {
  const end = new AbortController();
  const stop = (): void => end.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
  const screen = terminal.outIsTerminal && !json ? openScreen(terminal, stop) : undefined;
  let shown: string | undefined;
  try {
    while (!end.signal.aborted) {
      const report = await look(spec);
      if (end.signal.aborted) break;
      if (screen)
        screen.draw(
          "error" in report
            ? [report.error.message, "", leaveHint(terminal)]
            : await screenLines(spec, terminal, report),
        );
      else if (digestOf(report) !== shown) {
        shown = digestOf(report);
        if (json) terminal.print(JSON.stringify(report));
        else if ("error" in report) terminal.insist(`lockstep: ${report.error.message}`);
        else terminal.print(escapeToOneLine(statusLine(report, new Date())));
      }
      await delay(LOOK_EVERY_MS, undefined, { signal: end.signal }).catch(() => undefined);
      if (isReaderGone()) stop();
    }
  } finally {
    screen?.close();
  }
  return EXIT.done;
}

/** An installation that is just being replaced cannot be read for a moment: the view goes on. */
async function look(spec: DaemonSpec): Promise<StatusReport | ErrorReport> {
  try {
    return await reportStatus(spec, "cli");
  } catch (error) {
    return errorReport(error);
  }
}

function digestOf(report: StatusReport | ErrorReport): string {
  return "error" in report ? report.error.message : statusDigest(report);
}

function leaveHint(terminal: Terminal): string {
  return terminal.paint("dim", "q or ctrl-c ends this view; the daemon goes on");
}

async function screenLines(spec: DaemonSpec, terminal: Terminal, report: StatusReport): Promise<string[]> {
  const { paint } = terminal;
  const lines = statusView(report, paint, Date.now());
  const page = await readLastLines(spec.paths.log, SHOWN_BREADCRUMBS, { filter: isBreadcrumbLine }).catch(
    () => undefined,
  );
  if (page && page.lines.length > 0) {
    lines.push("", paint("bold", "Breadcrumbs"), ...page.lines.map(({ text }) => `  ${escapeToOneLine(text)}`));
  }
  return [...lines, "", leaveHint(terminal)];
}

interface Screen {
  draw(lines: readonly string[]): void;
  close(): void;
}

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

/** The terminal's second screen, so that what stood there comes back; keys are read one by one. */
function openScreen(terminal: Terminal, onQuit: () => void): Screen {
  const { stdin, stdout } = process;
  let last: readonly string[] = [];
  const draw = (lines: readonly string[]): void => {
    last = lines;
    // A terminal that does not say its size gives 0.
    const rows = stdout.rows || 24;
    const columns = stdout.columns || 80;
    // On a low one the end is cut off, but never the last line, which says how to leave.
    const visible = lines.length < rows ? lines : [...lines.slice(0, rows - 2), ...lines.slice(-1)];
    terminal.control(
      `${HOME}${visible.map((line) => cutPainted(terminal.rendered(line), columns) + CLEAR_LINE).join("\n")}\n${CLEAR_BELOW}`,
    );
  };
  const onKeys = (keys: Buffer): void => {
    if (/[qQ\u0003\u0004]/.test(keys.toString("latin1"))) onQuit();
  };
  const onResize = (): void => draw(last);
  terminal.control(ENTER);
  stdout.on("resize", onResize);
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on("data", onKeys);
  }
  return {
    draw,
    close: () => {
      stdout.off("resize", onResize);
      if (stdin.isTTY) {
        stdin.off("data", onKeys);
        stdin.setRawMode(false);
        stdin.pause();
      }
      terminal.control(LEAVE);
    },
  };
}

/** A line cut to the terminal's width: colour sequences take no room, and are ended. */
export function cutPainted(line: string, columns: number): string {
  let room = columns;
  let cut = "";
  for (const part of line.split(/(\u001b\[\d*m)/)) {
    if (part.startsWith("\u001b[")) cut += part;
    else {
      const shown = cutToWidth(part, room);
      cut += shown;
      // A wide character that does not fit ends the line.
      room = shown === part ? room - textWidth(part) : 0;
    }
  }
  return cut;
}
