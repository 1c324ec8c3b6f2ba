/** MCP's log levels, which are syslog's: the most verbose one first. */
const LOG_LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;

export type McpLogLevel = (typeof LOG_LEVELS)[number];

export function isMcpLogLevel(level: unknown): level is McpLogLevel {
  return LOG_LEVELS.some((known) => known === level);
}

/** True for a message that a client with the level `wanted` gets. A message of an unknown level is for every client. */
export function passesLogLevel(message: unknown, wanted: McpLogLevel): boolean {
  return !isMcpLogLevel(message) || LOG_LEVELS.indexOf(message) >= LOG_LEVELS.indexOf(wanted);
}

/** The level at which all messages of these levels are sent; undefined for none. */
export function mostVerbose(levels: readonly McpLogLevel[]): McpLogLevel | undefined {
  return LOG_LEVELS.find((level) => levels.includes(level));
}
