import { appendFileSync, writeSync } from "node:fs";

/** Prints one frame; `→` leaves this process, `←` comes in. */
export type WireTrace = (direction: "→" | "←", frame: string | Buffer) => void;

/**
 * The wire trace that LOCKSTEP_TRACE turns on: `1` prints to stderr (the daemon's is `serve.log`), anything else is the
 * path of a file to append to. Undefined when unset, so that tracing costs one comparison per frame.
 */
export function wireTrace(label: string): WireTrace | undefined {
  const target = process.env["LOCKSTEP_TRACE"];
  if (target === undefined || target === "") return undefined;
  return (direction, frame) => {
    const line = formatTrace(new Date(), process.pid, direction, label, frame);
    try {
      if (target === "1") writeSync(2, line);
      else appendFileSync(target, line, { mode: 0o600 });
    } catch {
      // A full disk or a closed stderr must not end the connection that is traced.
    }
  };
}

/** One line: ISO time, pid, direction, label, frame. A long frame is cut to 2,000 bytes, followed by its length. */
export function formatTrace(
  now: Date,
  pid: number,
  direction: "→" | "←",
  label: string,
  frame: string | Buffer,
): string {
  const bytes = typeof frame === "string" ? Buffer.from(frame) : frame;
  const cut = bytes.length > SHOWN_BYTES;
  // A character that is cut in half is shown as U+FFFD.
  const text = cut ? `${bytes.toString("utf8", 0, SHOWN_BYTES)}… (${bytes.length} bytes)` : bytes.toString("utf8");
  return `${now.toISOString()} ${pid} ${direction} ${label} ${text.replace(UNPRINTABLE, escaped)}\n`;
}

/** What could control the terminal that shows the trace. JSON may hold C1 and bidirectional controls unescaped. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const SHOWN_BYTES = 2000;
