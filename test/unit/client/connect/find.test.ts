import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { findDaemon } from "../../../../src/client/connect/find.js";
import { hangUp } from "../../../../src/client/connect/probe.js";
import { lockstepSpec } from "../../../../src/client/spec/lockstep-spec.js";
import { tryLock } from "../../../../src/state/lock.js";
import { processStartTime } from "../../../../src/state/platform/processes.js";
import type { ClientIdentity } from "../../../../src/wire/handshake.js";
import { oddListener } from "../../../fixtures/daemons/start-odd-listener.js";
import { it as base } from "../../../fixtures/it/with-directory.js";
import { signal } from "../../../fixtures/sandbox.js";

const CLIENT: ClientIdentity = { clientInfo: { name: "test", version: "1" }, hello: { role: "cli", pid: process.pid } };

const containing = (text: string): unknown => expect.stringContaining(text);
const withFields = (fields: object): unknown => expect.objectContaining(fields);

const it = base
  .extend("spec", ({ directory }) =>
    lockstepSpec({ codeDir: directory, execPath: process.execPath, env: {}, electron: false }, join(directory, "s")),
  )
  .extend("listener", ({ spec }, { onCleanup }) => {
    const started: ChildProcess[] = [];
    onCleanup(() => started.forEach((child) => child.pid !== undefined && signal(child.pid, "SIGKILL")));
    const track = (child: ChildProcess): ChildProcess => {
      started.push(child);
      return child;
    };
    return (mode: string) => oddListener({ dir: spec.paths.dir, track }, mode, { witness: false });
  })
  /** Takes daemon.lock, and records a daemon in serve.json. */
  .extend("record", ({ spec }, { onCleanup }) => {
    mkdirSync(spec.paths.dir, { mode: 0o700 });
    const lock = tryLock(spec.paths.daemonLock);
    onCleanup(() => lock?.release());
    return (fields: object) => writeFileSync(spec.paths.identity, JSON.stringify({ version: "1.0.0", ...fields }));
  });

describe("what a client finds on the socket", () => {
  it.for<[mode: string, found: object]>([
    ["an error as answer", { state: "refusing", code: -32602, message: "Unsupported protocol version" }],
    ["an internal error", { state: "refusing", code: -32603 }],
    ["the code for draining for ever", { state: "noise", problem: containing("Session not found") }],
    ["a result that is none", { state: "answered", identity: withFields({ version: "", pid: undefined }) }],
    [
      "an identity of wrong types",
      { state: "answered", identity: withFields({ version: "", pid: undefined, installRoot: undefined }) },
    ],
    ["the answer to another request", { state: "silent" }],
    ["half an answer", { state: "silent" }],
    ["half an answer, then its end", { state: "noise", problem: containing("middle of a message") }],
    ["an end at once", { state: "noise", problem: containing("ends every connection") }],
    ["nothing", { state: "silent" }],
    ["an HTTP answer", { state: "noise", problem: containing('sent "HTTP/1.1 400 Bad Request"') }],
    ["an SSH banner", { state: "noise", problem: containing('sent "SSH-2.0-OpenSSH_9.6"') }],
    ["a TLS alert", { state: "noise", problem: containing("ends every connection") }],
    ["an endless answer", { state: "noise", problem: containing('sent "xxxx') }],
  ])("a program that gives %s is found as what it is", async ([mode, expected], { spec, listener }) => {
    await listener(mode);
    const isSilent = "state" in expected && expected.state === "silent";
    // Long enough for a slow machine to receive 64 MiB.
    const found = await findDaemon(spec, CLIENT, { handshakeMs: isSilent ? 300 : 20_000 });
    expect(found).toMatchObject(expected);
    hangUp(found);
  });
});

describe("what a client finds where nothing listens", () => {
  it("an empty directory means that there is no daemon", async ({ spec }) => {
    mkdirSync(spec.paths.dir, { mode: 0o700 });
    expect(await findDaemon(spec, CLIENT)).toEqual({ state: "absent" });
  });

  it("a dead daemon's socket without a lock means that there is no daemon", async ({ spec, listener }) => {
    const pid = await listener("nothing");
    signal(pid, "SIGKILL");
    await expect.poll(() => findDaemon(spec, CLIENT, { handshakeMs: 100 })).toEqual({ state: "absent" });
  });

  it("a lock without a record means that a daemon is starting", async ({ spec, record: _locked }) => {
    expect(await findDaemon(spec, CLIENT)).toEqual({ state: "starting" });
  });

  it("a lock and the record of a dead process mean that a daemon is starting", async ({ spec, record }) => {
    record({ pid: process.pid, startTime: "another boot/1" });
    expect(await findDaemon(spec, CLIENT)).toEqual({ state: "starting" });
  });

  it("a lock and the record of a living process mean that it is draining, with its deadline", async ({
    spec,
    record,
  }) => {
    const startTime = processStartTime(process.pid);
    record({ pid: process.pid, startTime, state: "draining", deadlineMs: 5 });
    expect(await findDaemon(spec, CLIENT)).toMatchObject({
      state: "draining",
      identity: { pid: process.pid, version: "1.0.0" },
      deadlineMs: 5,
    });
    record({ pid: process.pid, startTime, state: "running" });
    expect(await findDaemon(spec, CLIENT)).toMatchObject({ state: "draining", deadlineMs: undefined });
  });

  it.for(["null", "[]", '"text"', "{", ""])("a serve.json with %j is no record", async (text, { spec, record }) => {
    record({});
    writeFileSync(spec.paths.identity, text);
    expect(await findDaemon(spec, CLIENT)).toEqual({ state: "starting" });
  });
});
