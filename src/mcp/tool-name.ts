/** Stands between server and name. */
const DIVIDER = "__";

/** Hosts refuse longer names, after they have put a prefix of their own before them. */
const MAX_LENGTH = 46;

/**
 * The name of a tool or prompt for clients that see all servers at once: `server__name`. One that hosts would refuse, or
 * that another server's could equal, has other characters replaced, is cut, and ends with a hash. It depends on nothing
 * but server and name, so it stays the same.
 */
export function nameWithServer(server: string, name: string): string {
  const plain = `${server}${DIVIDER}${name}`;
  const isDivisible = !server.includes(DIVIDER) && !server.endsWith("_");
  return isDivisible && plain.length <= MAX_LENGTH && /^[A-Za-z0-9_-]+$/.test(plain)
    ? plain
    : nameWithHash(server, name);
}

/** The same with a hash in any case, for a name that is taken. */
export function nameWithHash(server: string, name: string): string {
  const end = `_${hash(JSON.stringify([server, name]))}`;
  const readable = `${server}${DIVIDER}${name}`.replace(/[^A-Za-z0-9_-]/gu, "_");
  return readable.slice(0, MAX_LENGTH - end.length) + end;
}

/** True for a name that may end with a hash, so that it does not say by itself what it is for. */
export function mayHaveHash(fullName: string): boolean {
  return /_[a-z0-9]{8}$/.test(fullName);
}

/**
 * Splits `server__name`, however long it is. If several servers match, the one that clients see under exactly this name is
 * meant, else the one with the longest name; undefined when none matches.
 */
export function splitName(fullName: string, servers: Iterable<string>): { server: string; name: string } | undefined {
  const matches = [...servers]
    .filter((server) => fullName.startsWith(server + DIVIDER))
    .map((server) => ({ server, name: fullName.slice(server.length + DIVIDER.length) }))
    .sort((a, b) => b.server.length - a.server.length);
  return matches.find(({ server, name }) => nameWithServer(server, name) === fullName) ?? matches[0];
}

/** FNV-1a over UTF-16 units, twice with different starts: 8 characters of a to z and 0 to 9. */
function hash(text: string): string {
  return [0x811c9dc5, 0x01000193]
    .map((start) => {
      let value = start;
      for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
      return (value >>> 0).toString(36).padStart(4, "0").slice(-4);
    })
    .join("");
}
