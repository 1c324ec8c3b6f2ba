import { readEnvelope, type Envelope } from "../../wire/envelope.js";
import { FrameError } from "../../wire/frames.js";

/**
 * Reads a line of a server's output. Many programs print other text there, which is skipped: `start` holds its first
 * bytes, which may contain secrets.
 */
export function readOutput(raw: Buffer): Envelope | { kind: "skipped"; problem: string; start: string } {
  try {
    return readEnvelope(raw);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { kind: "skipped", problem: error.message, start: raw.toString("utf8", 0, SHOWN_BYTES) };
  }
}

const SHOWN_BYTES = 300;
