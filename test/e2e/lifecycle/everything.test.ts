import { createConnection } from "node:net";
import { join } from "node:path";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { ClientCapabilities } from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";

import { createSdkTransport } from "../../../src/client/sdk/sdk-transport.js";
import { it as base } from "../../fixtures/it/with-shared-box.js";
import { EVERYTHING, freePort, listening, spawnEverything } from "../../fixtures/servers/everything-over-http.js";
import type { Sandbox } from "../../fixtures/sandbox.js";
import {
  EVERYTHING_A_CLIENT_CAN,
  walkEverything,
  WHAT_EVERY_CLIENT_CAN,
  type Walk,
} from "../../fixtures/servers/walk-everything.js";

/** The walks take seconds each, most of them waiting, so all are made at once. */
const it = base.extend("walks", { scope: "file" }, async ({ box }) => {
  // Two, since the sessions of one process of this server share its session resources.
  const [url, urlOfOthers] = await Promise.all([1, 2].map(() => remoteEverything(box)));
  const local = { command: process.execPath, args: [EVERYTHING, "stdio"] };
  const share = { lockstep: { share: "session" } };
  box.writeServers({
    shared: local,
    session: { ...local, ...share },
    url: { url },
    urlSession: { url: urlOfOthers, ...share },
  });
  await box.run(["start"]);

  const direct = (capabilities: ClientCapabilities): Promise<Walk> =>
    walkEverything(new StdioClientTransport({ ...local, stderr: "ignore" }), capabilities);
  const hosted = (server: string): Promise<Walk> => {
    const lockstep = { role: "library", pid: process.pid, server };
    const capabilities = { ...EVERYTHING_A_CLIENT_CAN, experimental: { lockstep } };
    return walkEverything(createSdkTransport(createConnection(join(box.dir, "serve.sock"))), capabilities);
  };
  const [everything, everyClients, shared, session, overHttp, overHttpSession] = await Promise.all([
    direct(EVERYTHING_A_CLIENT_CAN),
    direct(WHAT_EVERY_CLIENT_CAN),
    ...["shared", "session", "url", "urlSession"].map(hosted),
  ]);
  return { direct: { everything, everyClients }, shared, session, overHttp, overHttpSession };
});

it("the walks use what only some clients can do, and what servers promise only to them", ({ walks }) => {
  expect(walks.direct.everything).toHaveProperty(["is asked sampling"]);
  expect(walks.direct.everything).toHaveProperty(["is asked roots"]);
  expect(walks.direct.everyClients).toHaveProperty(["is asked elicitation"]);
  expect(walks.direct.everyClients).not.toHaveProperty(["is asked roots"]);
});

it("a client of server-everything with a process of its own gets what it gets directly, field by field", ({
  walks,
}) => {
  expect(walks.session).toEqual(walks.direct.everything);
});

it("a client of a shared server-everything gets what any client without sampling, roots and tasks gets directly", ({
  walks,
}) => {
  expect(walks.shared).toEqual(walks.direct.everyClients);
});

it("over HTTP a client of server-everything gets what it gets directly on stdio, shared", ({ walks }) => {
  expect(walks.overHttp).toEqual(walks.direct.everyClients);
});

it("over HTTP a client of server-everything gets what it gets directly on stdio, with a session of its own", ({
  walks,
}) => {
  expect(walks.overHttpSession).toEqual(walks.direct.everything);
});

async function remoteEverything(box: Sandbox): Promise<string> {
  const port = await freePort();
  const remote = spawnEverything(port);
  box.track(remote);
  await listening(remote, port);
  return `http://127.0.0.1:${port}/mcp`;
}
