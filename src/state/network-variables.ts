import { readFileSync } from "node:fs";

/** Proxies, and the certificate authorities of a network that has its own. */
export const NETWORK = [
  /^((https?|ftp|all|no)_proxy|NODE_USE_ENV_PROXY)$/i,
  /^(NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|SSL_CERT_(FILE|DIR)|(CURL|REQUESTS|AWS)_CA_BUNDLE|GIT_SSL_CAINFO)$/,
];

/** The same variables without those that say how the network is reached. */
export function withoutNetwork(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOfNetwork(name)));
}

/** Those of the whole system, which PAM sets at a login and no shell: in `/etc/environment` on Linux. */
export function systemNetworkVariables(): Record<string, string> {
  try {
    return networkVariablesIn(readFileSync("/etc/environment", "utf8"));
  } catch {
    return {}; // There is no such file, as on macOS.
  }
}

/** The text of `/etc/environment`: `NAME=value` in lines, the value in quotes or not, with comments. */
export function networkVariablesIn(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, name, value] = /^\s*(?:export\s+)?(\w+)=(.*?)\s*(?:#.*)?$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && isOfNetwork(name))
      found[name] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  return found;
}

function isOfNetwork(name: string): boolean {
  return NETWORK.some((pattern) => pattern.test(name));
}
