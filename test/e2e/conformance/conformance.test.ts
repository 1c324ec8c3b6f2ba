import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, type TestContext } from "vitest";

import { PACKAGES_MS } from "../../fixtures/bounds.js";
import { startAdapter } from "../../fixtures/conformance/http-adapter.js";
import { conformanceSuite, type Suite } from "../../fixtures/conformance/suite.js";
import { it } from "../../fixtures/it/with-box.js";
import { freePort, startEverything } from "../../fixtures/servers/everything-over-http.js";

const CLIENT = resolve("test/fixtures/conformance/client.mjs");
const EVERYTHING = resolve("node_modules/@modelcontextprotocol/server-everything/dist/index.js");

let found: Suite | string;

/** The first run fetches the suite. */
beforeAll(async () => {
  found = await conformanceSuite();
}, PACKAGES_MS);

function suiteOrSkip(skip: TestContext["skip"]): Suite {
  if (typeof found === "string") return skip(`MCP's conformance suite cannot run: ${found}`);
  return found;
}

it.for(["initialize", "tools_call", "elicitation-sep1034-client-defaults", "sse-retry"])(
  "Lockstep passes MCP's client scenario %s",
  { concurrent: true },
  async (scenario, { box, skip }) => {
    const suite = suiteOrSkip(skip);
    const command = `env LOCKSTEP_DIR=${box.dir} ${process.execPath} ${CLIENT}`;
    const output = await suite.run(["client", "--command", command, "--scenario", scenario, "--timeout", "60000"]);
    // A warning is given for a poll that comes 0.2 s late, as it may on a busy machine.
    expect(output).toMatch(/Passed: ([1-9]\d*)\/\1, 0 failed/);
    expect(output).not.toContain("CLIENT");
  },
);

it("server-everything passes the same server scenarios through Lockstep, over a pipe and over HTTP, as without it", async ({
  box,
  skip,
}) => {
  const suite = suiteOrSkip(skip);
  const port = await freePort();
  await startEverything(port);
  const url = `http://127.0.0.1:${port}/mcp`;
  const mcpServers = { pipe: { command: process.execPath, args: [EVERYTHING] }, http: { url } };
  mkdirSync(box.dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(box.dir, "servers.json"), JSON.stringify({ mcpServers }));
  await box.run(["start"]);

  const adapted = ["pipe", "http"].map((server) => startAdapter(join(box.dir, "serve.sock"), server));
  const urls = [url, ...(await Promise.all(adapted))];
  const [direct, overPipe, overHttp] = await Promise.all(urls.map((each) => serverScenarios(suite, each)));
  expect(direct?.["tools-list"]).toBe("1 passed, 0 failed");
  expect(overPipe).toEqual(direct);
  expect(overHttp).toEqual(direct);
});

/** The result of each scenario. */
async function serverScenarios(suite: Suite, url: string): Promise<Record<string, string>> {
  const output = await suite.run(["server", "--url", url, "--suite", "all"]);
  const results = [...output.matchAll(/^[✓✗] ([\w-]+): (\d+ passed, \d+ failed)/gm)];
  return Object.fromEntries(results.map(([, scenario = "", result = ""]): [string, string] => [scenario, result]));
}
