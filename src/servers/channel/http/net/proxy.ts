import { BlockList, isIP } from "node:net";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for requests to `url`, as curl reads the environment: `http_proxy`, `https_proxy` and `all_proxy` in small
 * letters or capitals, and `no_proxy` with names, domains, addresses, networks and ports. Undefined: none. Throws an
 * Error for a proxy that cannot be used.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const variable = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const named = valueOf(env, variable);
  const text = named ?? valueOf(env, "all_proxy") ?? "";
  if (text === "" || isExempt(url, valueOf(env, "no_proxy") ?? "")) return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return proxy;
  // all_proxy often names a SOCKS proxy for the programs that can use one.
  if (named === undefined) return undefined;
  throw new Error(`the proxy in ${variable} of the login environment is no http:// or https:// address`);
}

/** The value of a `Proxy-Authorization` or `Authorization` header for the user and password in a URL. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;
}

function valueOf(env: Environment, name: string): string | undefined {
  return env[name] ?? env[name.toUpperCase()];
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== "" && matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isInNetwork(entry, host);
  const [, name = entry, entryPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const domain = name.replace(/^\[|\]$/g, "").replace(/^\*?\./, "");
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function isInNetwork(entry: string, host: string): boolean {
  const [network = "", bits] = entry.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family) return false;
  const type = family === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  try {
    list.addSubnet(network, Number(bits), type);
  } catch {
    return false; // No network has that many bits.
  }
  return list.check(host, type);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A password with a plain %.
  }
}
