import { mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { ensureDaemon } from "../../../src/client/ensure.js";
import { FRESH } from "../../../src/client/ensure-options.js";
import type { DaemonSpec, SpawnCommand } from "../../../src/client/spec/daemon-spec.js";
import { lockstepSpec } from "../../../src/client/spec/lockstep-spec.js";
import type { ClientIdentity } from "../../../src/wire/handshake.js";
import { it as base } from "../../fixtures/it/with-box.js";

const RECORDER = join(import.meta.dirname, "../../fixtures/record-loads.cjs");
const CLIENT: ClientIdentity = {
  clientInfo: { name: "test", version: "1" },
  hello: { role: "library", pid: process.pid },
};

/** Each of these costs more start-up time than everything else together. */
const SLOW =
  /^(koffi|zod|jsonc-parser|@modelcontextprotocol\/.*|(node:)?(child_process|worker_threads|cluster|crypto|tls|zlib|http|https))$/;

const it = base.extend("records", ({ box }) => {
  const records = join(box.root, "loads");
  mkdirSync(records);
  return records;
});

it("a call to a warm daemon loads nothing slow", async ({ box, records }) => {
  await box.run(["call", "memory", "read_graph"]);
  const call = await box.run(["call", "memory", "read_graph"], { env: recording(records) });
  expect(call).toMatchObject({ code: 0 });
  const [loads] = recorded(records);
  expect(loads).toContain("node:net");
  expect(loads!.filter((name) => SLOW.test(name))).toEqual([]);
});

it("the program that makes such a call is small, since Node compiles every byte of it", () => {
  expect(statSync(resolve("dist/cli.js")).size).toBeLessThanOrEqual(9_000);
});

it("a daemon listens before it loads anything slow", async ({ box, records }) => {
  const { peer } = await ensureDaemon(recordedDaemon(box.dir, records), {
    ...FRESH,
    client: CLIENT,
    report: () => undefined,
  });
  peer.close();
  const daemon = recorded(records).find((loads) => loads.some((name) => name.endsWith("daemon.js")));
  expect(daemon).toContain("node:net");
  expect(daemon!.filter((name) => SLOW.test(name))).toEqual([]);
});

/** The daemon as every client starts it, but for the recorder: NODE_OPTIONS of a client never reaches a daemon. */
function recordedDaemon(directory: string, records: string): DaemonSpec {
  const spec = lockstepSpec(
    { codeDir: resolve("dist"), execPath: process.execPath, env: process.env, electron: false },
    directory,
  );
  const command = (launcher: string): SpawnCommand => {
    const { env, ...rest } = spec.command(launcher);
    return { ...rest, env: { ...env, ...recording(records) } };
  };
  return { ...spec, command };
}

function recording(records: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--require "${RECORDER}"`, RECORD_LOADS: records };
}

/** What each recorded process loaded. */
function recorded(records: string): string[][] {
  return readdirSync(records).map((pid) => readFileSync(join(records, pid), "utf8").trimEnd().split("\n"));
}
