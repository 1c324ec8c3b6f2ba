import { join } from "node:path";

/**
 * The sockets at which the session bus may listen, in the order in which they are to be tried, as `net.connect` takes
 * them. Other transports than Unix sockets are left out: no desktop's session bus uses them.
 */
export function sessionBusSockets(env: NodeJS.ProcessEnv): string[] {
  const { DBUS_SESSION_BUS_ADDRESS: given, XDG_RUNTIME_DIR: runtime } = env;
  const usual = runtime ? join(runtime, "bus") : undefined;
  if (!given) return usual === undefined ? [] : [usual];
  return given
    .split(";")
    .map((address) => socketOf(address, usual))
    .filter((socket) => socket !== undefined);
}

/** `unix:path=/run/user/1000/bus,guid=…`, by the D-Bus specification's "Server Addresses". */
function socketOf(address: string, usual: string | undefined): string | undefined {
  const [transport, list = ""] = address.split(":", 2);
  if (transport !== "unix") return undefined;
  const entries = new Map(list.split(",").map((entry) => entry.split("=", 2) as [string, string]));
  const path = entries.get("path");
  if (path !== undefined) return unescaped(path);
  const abstract = entries.get("abstract");
  if (abstract !== undefined) return `\0${unescaped(abstract)}`;
  return entries.get("runtime") === "yes" ? usual : undefined;
}

function unescaped(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
