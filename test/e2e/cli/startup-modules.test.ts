import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ensureDaemon } from "../../../src/client/ensure.js";
import { FRESH } from "../../../src/client/ensure-options.js";
import type { DaemonSpec, SpawnCommand } from "../../../src/client/spec/daemon-spec.js";
import { lockstepSpec } from "../../../src/client/spec/lockstep-spec.js";
import type { ClientIdentity } from "../../../src/wire/handshake.js";
import { Sandbox } from "../../fixtures/sandbox.js";

const RECORDER = join(import.meta.dirname, "../../fixtures/record-loads.cjs");
const CLIENT: ClientIdentity = {
  clientInfo: { name: "test", version: "1" },
  hello: { role: "library", pid: process.pid },
};

/** Each of these costs a start more than all the rest together. */
const SLOW =
  /^(koffi|zod|jsonc-parser|@modelcontextprotocol\/.*|\.\/http-channel\.js|(node:)?(child_process|worker_threads|cluster|crypto|http|https))$/;

let box: Sandbox;
let records: string;

beforeEach(() => {
  box = new Sandbox();
  records = join(box.root, "loads");
  mkdirSync(records);
});
afterEach(() => box.close());

it("a call to a warm daemon loads nothing slow", async () => {
  await box.run(["call", "memory", "read_graph"]);
  const call = await box.run(["call", "memory", "read_graph"], { env: recording() });
  expect(call).toMatchObject({ code: 0 });
  const [loads] = recorded();
  expect(loads).toContain("node:net");
  expect(loads!.filter((name) => SLOW.test(name))).toEqual([]);
});

it("a daemon listens before it loads anything slow", async () => {
  const { peer } = await ensureDaemon(recordedDaemon(), { ...FRESH, client: CLIENT, report: () => undefined });
  peer.close();
  const daemon = recorded().find((loads) => loads.some((name) => name.endsWith("daemon.js")));
  expect(daemon).toContain("node:net");
  expect(daemon!.filter((name) => SLOW.test(name))).toEqual([]);
});

/** The daemon as every client starts it, but for the recorder: NODE_OPTIONS of a client never reaches a daemon. */
function recordedDaemon(): DaemonSpec {
  const spec = lockstepSpec(
    { codeDir: resolve("dist"), execPath: process.execPath, env: process.env, electron: false },
    box.dir,
  );
  const command = (launcher: string): SpawnCommand => {
    const { env, ...rest } = spec.command(launcher);
    return { ...rest, env: { ...env, ...recording() } };
  };
  return { ...spec, command };
}

function recording(): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--require ${RECORDER}`, RECORD_LOADS: records };
}

/** What each recorded process loaded. */
function recorded(): string[][] {
  return readdirSync(records).map((pid) => readFileSync(join(records, pid), "utf8").trimEnd().split("\n"));
}
