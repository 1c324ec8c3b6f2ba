import { expect, it } from "vitest";

import { proxyFor } from "../../../../../../src/servers/channel/http/net/proxy.js";

it.each<[string, Record<string, string>, string | undefined]>([
  ["http://e.org/", {}, undefined],
  ["http://e.org/", { http_proxy: "http://p:1" }, "http://p:1/"],
  ["http://e.org/", { HTTP_PROXY: "p:1" }, "http://p:1/"],
  ["http://e.org/", { https_proxy: "http://p:1" }, undefined],
  ["https://e.org/", { http_proxy: "http://p:1" }, undefined],
  ["https://e.org/", { HTTPS_PROXY: "http://p:1", https_proxy: "http://q:2" }, "http://q:2/"],
  ["https://e.org/", { HTTPS_PROXY: "http://p:1", https_proxy: "" }, undefined],
  ["https://e.org/", { all_proxy: "https://p" }, "https://p/"],
  ["https://e.org/", { ALL_PROXY: "socks5://p:1" }, undefined],
  ["https://e.org/", { https_proxy: "http://p", no_proxy: "*" }, undefined],
  ["https://e.org/", { https_proxy: "http://p", NO_PROXY: "a.org, E.org" }, undefined],
  ["https://sub.e.org/", { https_proxy: "http://p", no_proxy: "e.org" }, undefined],
  ["https://sub.e.org/", { https_proxy: "http://p", no_proxy: ".e.org" }, undefined],
  ["https://sub.e.org/", { https_proxy: "http://p", no_proxy: "*.e.org" }, undefined],
  ["https://the.org/", { https_proxy: "http://p", no_proxy: "e.org" }, "http://p/"],
  ["https://e.org:8443/", { https_proxy: "http://p", no_proxy: "e.org:443" }, "http://p/"],
  ["https://e.org/", { https_proxy: "http://p", no_proxy: "e.org:443" }, undefined],
  ["http://10.1.2.3/", { http_proxy: "http://p", no_proxy: "10.0.0.0/8" }, undefined],
  ["http://11.1.2.3/", { http_proxy: "http://p", no_proxy: "10.0.0.0/8,10.0.0.0/99" }, "http://p/"],
  ["http://[::1]:3000/", { http_proxy: "http://p", no_proxy: "[::1]:3000" }, undefined],
  ["http://[fd00::1]/", { http_proxy: "http://p", no_proxy: "fd00::/8" }, undefined],
])("the proxy for %s with %j is %s", (url, env, proxy) => {
  expect(proxyFor(new URL(url), env)?.href).toBe(proxy);
});

it("a proxy of another kind is an error that names the variable and not its value", () => {
  const find = (): unknown => proxyFor(new URL("https://e.org"), { https_proxy: "socks5://me:s3cret@p" });
  expect(find).toThrow(/https_proxy/);
  expect(find).not.toThrow(/s3cret/);
});
