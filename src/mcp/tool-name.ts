/** Stands between server and name. No server's name may contain it. */
const DIVIDER = "__";

/** The name of a tool or prompt for clients that see all servers at once: `server__name`. */
export function nameWithServer(server: string, name: string): string {
  return `${server}${DIVIDER}${name}`;
}

/** Splits `server__name`. If several servers match, the one with the longest name is meant; undefined when none matches. */
export function splitName(fullName: string, servers: Iterable<string>): { server: string; name: string } | undefined {
  let server: string | undefined;
  for (const candidate of servers) {
    if (fullName.startsWith(candidate + DIVIDER) && candidate.length > (server?.length ?? -1)) server = candidate;
  }
  return server === undefined ? undefined : { server, name: fullName.slice(server.length + DIVIDER.length) };
}
