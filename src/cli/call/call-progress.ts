import type { RequestProgress } from "../../wire/peer.js";
import { escapeToOneLine, toOneLine } from "../../text/escape-control-characters.js";
import { cutToWidth, textWidth } from "../../text/width.js";
import type { Terminal } from "../terminal/terminal.js";

export interface ProgressLine {
  show(progress: RequestProgress): void;
  /** Shows the given text instead. */
  write(text: string): void;
  clear(): void;
}

/** A tool's progress as one line on stderr that is rewritten, and cleared before the result is printed. */
export function progressLine(terminal: Terminal): ProgressLine {
  let shown = false;
  const write = (text: string): void => {
    shown = true;
    terminal.controlErr(`${WIPE}${cutToRoom(escapeToOneLine(text))}`);
  };
  return {
    show: (progress) => write(progressLineText(progress)),
    write,
    clear() {
      if (shown) terminal.controlErr(WIPE);
      shown = false;
    },
  };
}

const WIPE = "\r\u001b[2K";

/** `3/10 (30 %) copying` */
export function progressLineText({ progress, total, message }: RequestProgress): string {
  const share = total === undefined ? NaN : Math.floor((progress / total) * 100);
  const amount = total === undefined ? String(progress) : `${progress}/${total}`;
  const words = [amount, Number.isFinite(share) && `(${share} %)`, message !== undefined && toOneLine(message)];
  return words.filter((word) => word !== false && word !== "").join(" ");
}

/** The text cut to the terminal's width, which may be unknown: a line that is wrapped cannot be wiped. */
export function cutToRoom(text: string, columns = process.stderr.columns || 80): string {
  const room = Math.max(columns - 1, 10);
  return textWidth(text) <= room ? text : `${cutToWidth(text, room - 1)}…`;
}
