import { mostVerbose, passesLogLevel, type McpLogLevel } from "../../mcp/log-level.js";
import { memberSpan } from "../../mcp/span.js";
import { parseSpan, type NotificationEnvelope } from "../../wire/envelope.js";
import type { Port } from "./port.js";

/**
 * The level that a server needs, so that each client gets the messages that it would get with the server to itself: the
 * most verbose one that a client has set. Undefined while none has, since the server then decides.
 */
export function neededLevel(ports: Iterable<Port>): McpLogLevel | undefined {
  const levels: McpLogLevel[] = [];
  let someHaveNone = false;
  for (const { logLevel } of ports) {
    if (logLevel === undefined) someHaveNone = true;
    else levels.push(logLevel);
  }
  if (levels.length > 0 && someHaveNone) levels.push(LEVEL_WITHOUT_ONE);
  return mostVerbose(levels);
}

/** Clients that have set no level must not lose messages because another client wants few. */
export const LEVEL_WITHOUT_ONE: McpLogLevel = "info";

/** Those of the clients that get a server's log message. */
export function listenersToLog({ raw, params }: NotificationEnvelope, ports: Iterable<Port>): Port[] {
  const all = [...ports];
  if (all.every(({ logLevel }) => logLevel === undefined)) return all;
  const level = parseSpan(raw, params && memberSpan(raw, params, "level"));
  return all.filter(({ logLevel }) => logLevel === undefined || passesLogLevel(level, logLevel));
}
