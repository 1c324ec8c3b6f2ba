import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it as base } from "vitest";
import { proxyVariables, whyUnreachable } from "../../../build/electron/download-source.mjs";

const ELECTRON = resolve("node_modules/electron");
/** Only the proxy knows this host. */
const SOURCE = "http://electron.invalid/releases/";

const it = base
  .extend("release", { scope: "file" }, async ({}, { onCleanup }) => {
    const server = await listening(createServer((_request, response) => response.writeHead(302).end()));
    onCleanup(() => void server.close());
    return server;
  })
  .extend("proxy", { scope: "file" }, async ({ release }, { onCleanup }) => {
    const proxy = createServer();
    proxy.on("connect", (request, client, head) => {
      if (request.url !== "electron.invalid:80") return void client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      const server = connect((release.address() as AddressInfo).port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        server.write(head);
        server.pipe(client).pipe(server);
      });
      for (const socket of [server, client]) socket.on("error", () => undefined);
    });
    await listening(proxy);
    onCleanup(() => void proxy.close());
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });

it("Electron's releases are reached through the proxy of the environment", async ({ proxy }) => {
  const variables = await proxyVariables({ ...process.env, HTTP_PROXY: proxy });
  expect(variables).toMatchObject({ ELECTRON_GET_USE_PROXY: "true", HTTP_PROXY: proxy });
  expect(await whyUnreachable(SOURCE, variables, ELECTRON)).toBeUndefined();
});

it("Electron's releases are reached through the proxy of npm's configuration", async ({ proxy }) => {
  const home = mkdtempSync(join(tmpdir(), "npmrc-"));
  try {
    const npmrc = join(home, "npmrc");
    writeFileSync(npmrc, `proxy=${proxy}\n`);
    const variables = await proxyVariables({ ...process.env, npm_config_userconfig: npmrc });
    expect(variables).toMatchObject({ ELECTRON_GET_USE_PROXY: "true", HTTP_PROXY: proxy, HTTPS_PROXY: proxy });
    expect(await whyUnreachable(SOURCE, variables, ELECTRON)).toBeUndefined();
  } finally {
    rmSync(home, { recursive: true });
  }
});

it("a proxy that does not reach Electron's releases is named, without its password", async ({ proxy }) => {
  const secret = proxy.replace("//", "//me:secret@");
  const variables = await proxyVariables({ ...process.env, HTTP_PROXY: secret });
  const reason = await whyUnreachable("http://elsewhere.invalid/", variables, ELECTRON);
  expect(reason).toBe(`can't reach http://elsewhere.invalid/ through the proxy ${proxy}`);
});

it("without a proxy Electron's releases are contacted directly", async ({ release }) => {
  const variables = await proxyVariables({ PATH: process.env["PATH"], HOME: process.env["HOME"] });
  expect(variables).toEqual({});
  const source = `http://127.0.0.1:${(release.address() as AddressInfo).port}/`;
  expect(await whyUnreachable(source, variables, ELECTRON)).toBeUndefined();
  expect(await whyUnreachable(SOURCE, variables, ELECTRON)).toBe(`can't reach ${SOURCE}`);
});

async function listening(server: Server): Promise<Server> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}
