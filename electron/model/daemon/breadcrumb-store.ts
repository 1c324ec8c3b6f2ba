import type { PlacedBreadcrumb } from "./daemon-state.js";

/** The window's overview shows the newest; the log view has all of them. */
export const KEPT_BREADCRUMBS = 200;

/** Adds breadcrumbs in the log's order, each once: a page that was read and what followed it may overlap. */
export function withBreadcrumbs(
  known: readonly PlacedBreadcrumb[],
  added: readonly PlacedBreadcrumb[],
): readonly PlacedBreadcrumb[] {
  const keys = new Set(known.map(({ key }) => key));
  const fresh = added.filter(({ key }) => !keys.has(key) && keys.add(key));
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-KEPT_BREADCRUMBS);
}
