import type { PlacedBreadcrumb } from "./daemon-state.js";

/** The overview shows the newest breadcrumbs only; the log page has all of them. */
export const KEPT_BREADCRUMBS = 200;

/** Adds breadcrumbs in the log's order, each once: the page that is read first and the lines followed after it overlap. */
export function withBreadcrumbs(
  known: readonly PlacedBreadcrumb[],
  added: readonly PlacedBreadcrumb[],
): readonly PlacedBreadcrumb[] {
  const keys = new Set(known.map(({ key }) => key));
  const fresh = added.filter(({ key }) => !keys.has(key) && keys.add(key));
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-KEPT_BREADCRUMBS);
}
