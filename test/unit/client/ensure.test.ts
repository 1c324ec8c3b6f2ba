import { expect } from "vitest";

import { FRESH } from "../../../src/client/ensure-options.js";
import { ensureDaemon } from "../../../src/client/ensure.js";
import { it } from "../../fixtures/it/with-scripted-daemon.js";
import { until } from "../../fixtures/sandbox.js";

const HELLO = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "scripted", version: "1.0.0" } };

it("a client that gives up when the daemon has just answered gets its own reason, and leaves no connection", async ({
  spec,
  startScripted,
}) => {
  const daemon = await startScripted({ hello: () => HELLO });
  const caller = new AbortController();
  const ensured = ensureDaemon(
    {
      ...spec,
      installed: () => {
        caller.abort(new Error("changed my mind"));
        return spec.installed();
      },
    },
    {
      ...FRESH,
      client: { clientInfo: { name: "test", version: "1" }, hello: { role: "cli", pid: process.pid } },
      report: () => undefined,
      signal: caller.signal,
    },
  );
  await expect(ensured).rejects.toThrow("changed my mind");
  await until("the connection has ended", () => daemon.connections === 1 && daemon.sockets.size === 0);
});
