import type { StagingState } from "../model/app-state.js";

/** A copy that takes less than this, ms, is not reported. */
const REPORT_AFTER_MS = 1_000;

/** Passes on what `Installation.prepare` reports, except a copy that is done within a second. */
export function stagingReport(
  report: (staging: StagingState | undefined) => void,
): (staging: StagingState | undefined) => void {
  let later: NodeJS.Timeout | undefined;
  return (staging) => {
    clearTimeout(later);
    if (staging?.is === "copying") later = setTimeout(() => report(staging), REPORT_AFTER_MS);
    else report(staging);
  };
}
