import { bytesText } from "../src/text/bytes.js";
import { counted } from "../src/text/count.js";
import { durationText } from "../src/text/duration.js";

/** The texts that the page itself adds; those about daemons, servers and updates come with the view. */
export const WINDOW = {
  daemons: "Daemons",
  tabs: "Views",
  overview: "Overview",
  log: "Log",
  settings: "Settings",
  moreActions: "More actions",
  dismiss: "Dismiss",
  close: "Close",
  noTime: "no time",
  progressOf: (whole: number) => ` of ${durationText(whole)}`,
  overdue: ", longer than expected",
};

export const FIRST_RUN = {
  title: "One warm daemon for all your tools",
  about: "Lockstep keeps your MCP servers running, and replaces its daemon when another version is installed.",
  tryIt: "Try it in a terminal:",
  /** Followed by the button that does it. */
  install: "To try it in a terminal, first install the command-line tool.",
  example: "lockstep call memory read_graph",
  close: "Close",
};

export const HEARTBEAT = {
  title: "Heartbeat",
  late: " · late",
  windowStart: (windowMs: number) => `${durationText(windowMs)} ago`,
  now: "now",
  longestDelay: "longest delay",
  whatDelayMeans: "How late the daemon’s event loop ran its timer. From 100 ms on, calls feel slow.",
  /** What the strip shows, for screen readers. */
  summary: (windowMs: number, silentMs: number, restarts: number, delay: string | undefined) =>
    `Heartbeats of the last ${durationText(windowMs)}: ` +
    `${silentMs === 0 ? "no gaps" : `${durationText(silentMs)} without a heartbeat`}` +
    `${restarts === 0 ? "" : `, ${counted(restarts, "restart")}`}` +
    `${delay === undefined ? "" : `, longest event-loop delay ${delay}`}`,
};

export const SERVERS = {
  title: "Servers",
  waiting: "Waiting for the daemon’s list",
};

export const EVENTS = {
  title: "Recent events",
  lastRestart: "Last restart",
  none: "Nothing yet. Starts, restarts and crashes appear here, with their reason.",
  showFewer: "Show fewer",
  showAll: (count: number) => `Show all ${count}`,
};

export const LOG = {
  search: "Search the log",
  events: "Events",
  lines: "Log lines",
  newest: "Newest",
  selectedLine: "Selected line",
  openFile: (name: string) => `Open the file ${name}`,
  cannotRead: (error: string) => `Can’t read the log: ${error}`,
  readingFailed: "Reading failed",
  loading: "Loading the log",
  loadingOlder: "Loading older lines",
  searching: "Searching",
  noHits: (needle: string) => `No line contains “${needle}”`,
  noEvents: "No starts, stops or crashes yet",
  empty: "The log is empty",
  missing: "There is no log file yet",
  hits: (count: number, isAll: boolean) => `${count}${isAll ? "" : "+"} found`,
  searched: (hits: string, bytes: number) => `${hits}, ${bytesText(bytes)} searched`,
};

export const SETTINGS = {
  general: "General",
  startAtLogin: "Start at login",
  startAtLoginHint: "Starts without its window, with only the icon",
  startAtLoginDisabled: "Turned off in your desktop’s own settings for startup programs",
  notifications: "Notifications",
  notificationsHint: "Only when the daemon stops unexpectedly, a restart fails or an update is ready",
  appearance: "Appearance",
  theme: "Theme",
  themes: { system: "System", light: "Light", dark: "Dark" },
  icon: "Icon",
  icons: { auto: "Auto", light: "Light", dark: "Dark", coloured: "Colour" },
  updates: "Updates",
  product: (version: string) => `Lockstep ${version}`,
  downloading: "Downloading the update",
  updateAutomatically: "Update automatically",
  updateAutomaticallyHint: "Checks every few hours, downloads, and installs when you restart or quit",
};
