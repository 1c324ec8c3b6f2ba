import { spawn } from "node:child_process";
import { createConnection } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "vitest";

import { it } from "../../fixtures/it/with-counter.js";
import { until } from "../../fixtures/sandbox.js";
import { executions } from "../../fixtures/servers/counting-server.js";

it.beforeEach(async ({ box }) => {
  await box.run(["start"]);
});

/** The lines of a client that calls a tool, with all that has to come before it. */
function requests(server: string | undefined, tool: string, args: object): string {
  const lockstep = server !== undefined && { lockstep: { role: "library", pid: process.pid, server } };
  const capabilities = { elicitation: {}, experimental: { ...lockstep } };
  const clientInfo = { name: "shell", version: "1" };
  return [
    { id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities, clientInfo } },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/call", params: { name: tool, arguments: args } },
    { id: 3, method: "tools/call", params: { name: tool, arguments: args } },
  ]
    .map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
    .join("");
}

/** Sends everything at once and ends its output, as `printf … | nc -N -U serve.sock` does. Resolves with all that it gets. */
async function ask(dir: string, lines: string): Promise<string[]> {
  const socket = createConnection({ path: join(dir, "serve.sock"), allowHalfOpen: true });
  socket.end(lines);
  return (await text(socket)).trim().split("\n");
}

// The call takes longer than the daemon's looks whether the client is gone.
it.for<[string, string | undefined, string]>([
  ["one server", "counter", "slow"],
  ["all servers", undefined, "counter__slow"],
])("a client of %s that ends its output with its last request gets every answer", async ([, server, tool], { box }) => {
  const answers = await ask(box.dir, requests(server, tool, { ms: 1_200 }));
  expect(answers.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2, 3]);
  expect(answers.slice(1).join("\n")).toMatch(/slept 1200 ms.*\n.*slept 1200 ms/);
});

it("the call of a client that ended its output and was then killed is cancelled", async ({ box, counted }) => {
  const program = `require("net").createConnection({path: process.argv[1], allowHalfOpen: true}).end(process.argv[2])`;
  const lines = requests("counter", "slow", { ms: 60_000 });
  const client = box.track(spawn(process.execPath, ["-e", program, join(box.dir, "serve.sock"), lines]));
  await until("the calls run", () => executions(counted, "slow").length === 2);
  client.kill("SIGKILL");
  await until("both are cancelled", () => executions(counted, "cancelled").length === 2);
});

it("a server's question is declined in place of a client that has ended its output", async ({ box }) => {
  const answers = await ask(box.dir, requests("counter", "drop", {}));
  expect(answers.slice(1).every((line) => line.includes("kept"))).toBe(true);
  expect(answers).toHaveLength(3);
});
