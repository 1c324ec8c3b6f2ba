import { LONGEST_DRAIN_MS } from "../../wire/control.js";
import { UsageError } from "../exit-code.js";

/** Converts an option's value from seconds to ms; undefined if the option was not given. Throws UsageError. */
export function readSeconds(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (seconds <= most) return Math.round(seconds * 1000);
  throw new UsageError(`${option} is "${text}": give seconds from 0 to ${most}, such as 30 or 0.5`);
}

/** The longest drain that a command accepts, s. */
export const LONGEST_DRAIN_S = LONGEST_DRAIN_MS / 1000;

/** The longest wait that a command accepts, s. */
export const LONGEST_BOUND_S = 1_000_000;
