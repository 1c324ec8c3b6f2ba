const SCHEME = "lockstep:";

/**
 * A resource of one server, for clients that see all servers and know its URI as another server's: `lockstep:SERVER:URI`.
 * A template's expansions begin the same way.
 */
export function uriWithServer(server: string, uri: string): string {
  return `${SCHEME}${encodeURIComponent(server)}:${uri}`;
}

/** Divides such a URI again; undefined for any other one. */
export function splitUri(uri: string): { server: string; uri: string } | undefined {
  const [, server, rest] = /^lockstep:([^:]*):(.*)$/s.exec(uri) ?? [];
  if (server === undefined || rest === undefined) return undefined;
  try {
    return { server: decodeURIComponent(server), uri: rest };
  } catch {
    return undefined;
  }
}
