import type { RequestProgress } from "../../wire/peer.js";
import { escapeToOneLine } from "../../text/escape-control-characters.js";
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
    terminal.writeErr(`${WIPE}${text}`);
  };
  return {
    show: (progress) => write(progressLineText(progress, process.stderr.columns || 80)),
    write,
    clear() {
      if (shown) terminal.writeErr(WIPE);
      shown = false;
    },
  };
}

const WIPE = "\r\u001b[2K";

/** `3/10 (30 %) copying`, cut to the terminal's width. */
export function progressLineText({ progress, total, message }: RequestProgress, columns: number): string {
  const share = total === undefined || total <= 0 ? "" : ` (${Math.floor((progress / total) * 100)} %)`;
  const amount = total === undefined ? String(progress) : `${progress}/${total}${share}`;
  const text = message === undefined ? amount : `${amount} ${escapeToOneLine(message)}`;
  const room = Math.max(columns - 1, 10);
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
