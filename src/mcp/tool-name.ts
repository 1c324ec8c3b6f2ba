/** Divides server and name; no server's name may contain it. */
const DIVIDER = "__";

/** The name of a tool or prompt for clients that see all servers at once: `server__name`. */
export function nameWithServer(server: string, name: string): string {
  return `${server}${DIVIDER}${name}`;
}

/** Divides `server__name`. Of several servers whose name fits, the longest is meant; undefined when none does. */
export function splitName(fullName: string, servers: Iterable<string>): { server: string; name: string } | undefined {
  let server: string | undefined;
  for (const candidate of servers) {
    if (fullName.startsWith(candidate + DIVIDER) && candidate.length > (server?.length ?? -1)) server = candidate;
  }
  return server === undefined ? undefined : { server, name: fullName.slice(server.length + DIVIDER.length) };
}
