import type { PlacedBreadcrumb } from "../../model/daemon/daemon-state.js";

/** One line of the report: time, kind and fields of a breadcrumb. */
export function breadcrumbLine({ at, breadcrumb }: PlacedBreadcrumb): string {
  const { kind, ...facts } = breadcrumb;
  const time = at === undefined ? "no time" : new Date(at).toISOString();
  return `${time} ${kind} ${JSON.stringify(facts)}`;
}
