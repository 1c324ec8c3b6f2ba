import type { PlacedBreadcrumb } from "../../model/daemon/daemon-state.js";

/** A breadcrumb as one line for a report. */
export function breadcrumbLine({ at, breadcrumb }: PlacedBreadcrumb): string {
  const { kind, ...facts } = breadcrumb;
  const time = at === undefined ? "no time" : new Date(at).toISOString();
  return `${time} ${kind} ${JSON.stringify(facts)}`;
}
