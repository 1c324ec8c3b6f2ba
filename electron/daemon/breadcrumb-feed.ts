import { followLog } from "../../src/log/follow.js";
import { isBreadcrumbLine, parseLogLine } from "../../src/log/line.js";
import { parseBreadcrumb } from "../../src/log/breadcrumbs.js";
import { readLastLines } from "../../src/log/reader.js";
import type { PlacedBreadcrumb } from "../model/daemon/daemon-state.js";

/** How many of the newest breadcrumbs the app reads at its start, and how far back it looks for them, bytes. */
const FIRST_BREADCRUMBS = 200;
const LOOK_BACK_BYTES = 16 * 1024 * 1024;

/** Reports the newest breadcrumbs of a log, then each new one, until `signal` aborts. Never rejects. */
export async function followBreadcrumbs(
  log: string,
  onAdded: (added: PlacedBreadcrumb[]) => void,
  signal: AbortSignal,
): Promise<void> {
  let last = 0;
  const add = (lines: readonly string[]): void => {
    const added = lines.flatMap((text) => {
      const line = parseLogLine(text);
      const breadcrumb = line && parseBreadcrumb(line.component, line.text);
      // Fixed width, so that keys sort like the log.
      return breadcrumb ? [{ key: String(++last).padStart(12, "0"), at: line.at?.getTime(), breadcrumb }] : [];
    });
    if (added.length > 0) onAdded(added);
  };
  try {
    const page = await readLastLines(log, FIRST_BREADCRUMBS, {
      filter: isBreadcrumbLine,
      maxBytes: LOOK_BACK_BYTES,
      signal,
    });
    add(page.lines.map(({ text }) => text));
    await followLog(log, add, { signal, from: page.end ?? "start" });
  } catch {
    // Aborted, or the log cannot be read, which the log page reports.
  }
}
