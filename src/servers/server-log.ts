import type { Breadcrumb } from "../log/breadcrumbs.js";
import type { LogLevel } from "../log/line.js";

/** The daemon's log, and the breadcrumbs in it. */
export interface ServerLog {
  log: (level: LogLevel, component: string, text: string) => void;
  breadcrumb: (breadcrumb: Breadcrumb) => void;
}
