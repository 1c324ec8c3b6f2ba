import type { Place } from "./place.js";

/** How a daemon identifies itself. All but `version` is undefined where a daemon does not give it. */
export interface Identity {
  /** Empty if the daemon gave none. */
  version: string;
  protocol: number | undefined;
  buildId: string | undefined;
  /** Real path of the directory that the daemon's code came from. */
  installRoot: string | undefined;
  /** Where `installRoot` is. */
  place?: Place | undefined;
  execPath: string | undefined;
  pid: number | undefined;
  /** ISO 8601. */
  startedAt: string | undefined;
  launchedBy: string | undefined;
  heartbeatMs: number | undefined;
  /** A client of the asking installation has already reported to its user that this daemon is newer. */
  noticed: boolean;
}

/** What is installed in the directory that the asking program came from, read from disk for every decision. */
export interface Installed {
  version: string;
  buildId: string | undefined;
  protocol: number | undefined;
  root: string;
  /** Where `root` is. */
  place?: Place | undefined;
}

/**
 * The daemon's identity from MCP's `initialize` result: `serverInfo.version`, and the rest from
 * `capabilities.experimental[key]`. Fields of a wrong type count as missing, since the daemon may be an old one or
 * another project's.
 */
export function identityOf(
  initialized: { serverInfo: { version: string }; capabilities: Record<string, unknown> },
  key: string,
): Identity {
  const experimental = asRecord(initialized.capabilities["experimental"]);
  return parseIdentity(initialized.serverInfo.version, experimental[key]);
}

/** The identity from a plain object, such as the content of `serve.json`. */
export function parseIdentity(version: unknown, block: unknown): Identity {
  const fields = asRecord(block);
  return {
    version: asString(version) ?? "",
    protocol: asCount(fields["protocol"]),
    buildId: asString(fields["buildId"]),
    installRoot: asString(fields["installRoot"]),
    place: asString(fields["place"]),
    execPath: asString(fields["execPath"]),
    pid: asCount(fields["pid"]),
    startedAt: asString(fields["startedAt"]),
    launchedBy: asString(fields["launchedBy"]),
    heartbeatMs: asCount(fields["heartbeatMs"]),
    noticed: fields["noticed"] === true,
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function asString(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function asCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
