import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { tryLock } from "../../../src/state/lock.js";
import { it as withBox } from "../../fixtures/it/with-box.js";
import { isAlive, until } from "../../fixtures/sandbox.js";

/** What is seen of the daemon of another machine in a directory that both share: its lock and its files, and no listener. */
const it = withBox.extend("elsewhere", { auto: true }, ({ box }, { onCleanup }) => {
  mkdirSync(box.dir, { recursive: true, mode: 0o700 });
  const lock = tryLock(join(box.dir, "daemon.lock"));
  onCleanup(() => lock?.release());
  // The pid is one of this machine, too, and is not to be taken for the daemon.
  const recorded = { version: "1.0.0", pid: process.pid, startTime: "another-boot/1", host: "elsewhere.example" };
  writeFileSync(join(box.dir, "serve.json"), JSON.stringify(recorded));
  writeFileSync(join(box.dir, "serve.pid"), `${process.pid}\n`);
  return recorded;
});

it("a client that waits for the daemon of another machine says which machine that may be", async ({
  box,
  elsewhere,
}) => {
  const client = box.spawn(["call", "memory", "read_graph"]);
  let said = "";
  client.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  await until("the wait is reported", () => said.includes("waiting"));
  expect(said).toContain(`does not listen on this machine and may run on "${elsewhere.host}"`);
  client.kill();
});

it("stop signals no process of this machine in place of another machine's daemon", async ({ box, elsewhere }) => {
  const stopped = await box.run(["stop", "--force"]);
  expect(stopped.code).toBe(1);
  expect(stopped.stderr).toContain(`it is the daemon of the machine "${elsewhere.host}"`);
  expect(isAlive(process.pid)).toBe(true);
});
