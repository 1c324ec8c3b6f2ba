import { durationText } from "./duration.js";

/** A line of text; where a number in it changes every second, the window counts without a new view. */
export type Line = string | Ticking;

/** `before`, then the time since or until `at` (epoch ms), then `after`. */
export interface Ticking {
  before: string;
  count: "since" | "until";
  at: number;
  after: string;
}

export function lineText(line: Line, now: number): string {
  return typeof line === "string" ? line : `${line.before}${tickingText(line, now)}${line.after}`;
}

/** Only the number that changes. The time left is rounded up, since "in 0 s" would be now. */
export function tickingText({ count, at }: Ticking, now: number): string {
  return durationText(count === "since" ? now - at : Math.max(0, at - now) + 999);
}
