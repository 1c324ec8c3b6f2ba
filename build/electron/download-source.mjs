// Where Electron's own build is downloaded from, and whether that can be reached with the proxy that is configured.
import { createRequire } from "node:module";
import { join } from "node:path";
import { runQuietly } from "../setup/run.mjs";

const REACHABLE_WITHIN_MS = 6_000;

/** @param {NodeJS.ProcessEnv} env */
export function downloadSource(env) {
  return (
    env["ELECTRON_MIRROR"] || env["npm_config_electron_mirror"] || "https://github.com/electron/electron/releases/"
  );
}

/**
 * The variables with which Electron's installer uses a proxy: that of the environment, else that of npm's configuration.
 * Empty without a proxy.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Record<string, string>>}
 */
export async function proxyVariables(env) {
  const variable = (/** @type {string} */ name) => env[name] || env[name.toUpperCase()];
  const npm = await npmsProxies(env);
  const https = variable("https_proxy") || npm["https-proxy"] || npm["proxy"];
  const http = variable("http_proxy") || npm["proxy"];
  if (!https && !http) return {};
  const exempt = variable("no_proxy") || npm["noproxy"];
  return {
    ELECTRON_GET_USE_PROXY: "true",
    ...(https && { HTTPS_PROXY: https, https_proxy: https }),
    ...(http && { HTTP_PROXY: http, http_proxy: http }),
    ...(exempt && { NO_PROXY: exempt, no_proxy: exempt }),
  };
}

/**
 * @param {string} source
 * @param {Record<string, string>} proxy the result of `proxyVariables`
 * @param {string} electronPackage its directory; the installer's own HTTP client is used
 * @returns {Promise<string | undefined>} the reason why `source` can't be reached; undefined if it answers
 */
export async function whyUnreachable(source, proxy, electronPackage) {
  const through = proxy["HTTPS_PROXY"] ?? proxy["HTTP_PROXY"];
  try {
    const options = /** @type {const} */ ({ method: "HEAD", redirect: "manual" });
    const signal = AbortSignal.timeout(REACHABLE_WITHIN_MS);
    if (through === undefined) {
      await fetch(source, { ...options, signal });
    } else {
      const { EnvHttpProxyAgent, fetch: fetchThrough } = undiciOf(electronPackage);
      const dispatcher = new EnvHttpProxyAgent({
        httpProxy: proxy["HTTP_PROXY"],
        httpsProxy: proxy["HTTPS_PROXY"],
        noProxy: proxy["NO_PROXY"] ?? "",
      });
      await fetchThrough(source, { ...options, signal, dispatcher }).finally(() => dispatcher.destroy());
    }
    return undefined;
  } catch {
    return `can't reach ${source}${through === undefined ? "" : ` through the proxy ${withoutPassword(through)}`}`;
  }
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Record<string, string>>} those that are set */
async function npmsProxies(env) {
  const keys = ["https-proxy", "proxy", "noproxy"];
  const { ok, output } = await runQuietly("npm", ["config", "get", ...keys], { cwd: process.cwd(), env });
  if (!ok) return {};
  const settings = output.split("\n").flatMap((line) => {
    const [, key = "", value = ""] = /^([a-z-]+)=(.*)$/.exec(line.trim()) ?? [];
    return keys.includes(key) && value !== "" && value !== "null" ? [[key, value]] : [];
  });
  /** @type {Record<string, string>} */
  const found = Object.fromEntries(settings);
  return found;
}

/**
 * @typedef {object} Undici
 * @property {new (options: object) => { destroy(): Promise<void> }} EnvHttpProxyAgent
 * @property {(url: string, options: object) => Promise<Response>} fetch
 */

/** @param {string} electronPackage @returns {Undici} */
function undiciOf(electronPackage) {
  /** @type {Undici} */
  const undici = createRequire(join(electronPackage, "install.js"))("undici");
  return undici;
}

/** @param {string} address */
function withoutPassword(address) {
  return address.replace(/\/\/[^@/]*@/, "//");
}
