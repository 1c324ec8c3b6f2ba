import { readerHungUp } from "../../state/platform/libc.js";

/** How often a command that waits for news looks whether its reader is gone, ms. */
export const READER_LOOK_MS = 1_000;

/**
 * True when no process reads stdout any longer, as after `| head -1`. A write would find out, but a command that has
 * nothing new to print never writes.
 */
export function isReaderGone(): boolean {
  try {
    return readerHungUp(1);
  } catch {
    // Without koffi the next write finds out.
    return false;
  }
}
