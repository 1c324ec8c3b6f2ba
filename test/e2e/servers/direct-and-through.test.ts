import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { FACT_MS, onSlowest, PACKAGES_MS } from "../../fixtures/bounds.js";
import { it as base } from "../../fixtures/it/with-box.js";
import { isAlive, processesWith, signal, until, type Sandbox } from "../../fixtures/sandbox.js";
import { FrameClient } from "../../fixtures/servers/frame-client.js";
import { commandOf, registryServers, type RegistryServer } from "../../fixtures/servers/registry-servers.js";
import { walk, type Walk } from "../../fixtures/servers/walk.js";

const WHICH = process.env["REGISTRY_SERVERS"] === "all" ? "all" : "quick";
const SHARES = ["shared", "session"] as const;
/** Some servers never answer what they don't know. */
const SILENT_MS = onSlowest(4_000);
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const ANSWERED_BY_THE_DAEMON = new Set(["initialize", "ping", "ping at the end", "level"]);
/** What the client of the comparison can do, and `shared` promises as well. */
const CAPABILITIES = { elicitation: { form: {}, url: {} } };

/** Leads nowhere. */
const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: none, user: {}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
current-context: none
`;

const it = base.extend("files", ({ box }) => {
  const files = join(box.root, "files");
  mkdirSync(files);
  writeFileSync(join(files, "note.txt"), "grüß Gott\n");
  writeFileSync(join(files, "kubeconfig"), KUBECONFIG);
  return files;
});

describe.each(registryServers(WHICH))("$package ($sdk)", (server) => {
  it(
    "answers through the daemon as on direct stdio, to the byte, and leaves no process behind",
    async ({ box, files, skip }) => {
      const command = await commandOf(server, files);
      if (typeof command === "string") return skip(command);
      const mark = `LOCKSTEP_MARK=${box.root}`;
      const env = { ...server.env, LOCKSTEP_MARK: box.root };
      const entry = { ...command, env, cwd: files };
      box.writeServers({ shared: entry, session: { ...entry, lockstep: { share: "session" } } });

      const direct = await walkDirectly(server, command, files, env);
      const again = await walkDirectly(server, command, files, env);
      await box.run(["start"]);
      for (const share of SHARES) {
        const through = await walkThrough(box, share, server, files, direct);
        expect([share, differences(direct, again, through, server.differs?.[share])]).toEqual([share, {}]);
      }

      const before = hosted(mark);
      expect(before.length).toBeGreaterThanOrEqual(2);
      const daemon = box.pid();
      signal(daemon, "SIGKILL");
      await until("the killed daemon is gone", () => !isAlive(daemon));
      await box.run(["start"]);
      await until("a new daemon has ended what the killed one left", () => before.every((pid) => !isAlive(pid)));
      await walkThrough(box, "shared", server, files, direct);
      await box.run(["stop"]);
      expect(hosted(mark)).toEqual([]);
    },
    PACKAGES_MS,
  );
});

function hosted(mark: string): number[] {
  return processesWith(() => true, mark);
}

async function walkDirectly(
  server: RegistryServer,
  { command, args }: { command: string; args: string[] },
  cwd: string,
  env: Record<string, string>,
): Promise<Walk> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  try {
    const bounds = (asked: string): number => (asked === "initialize" ? FACT_MS : SILENT_MS);
    return await walk(new FrameClient(child.stdout, child.stdin), server, cwd, CAPABILITIES, bounds);
  } finally {
    signal(-(child.pid ?? 0), "SIGKILL");
  }
}

async function walkThrough(
  box: Sandbox,
  name: string,
  server: RegistryServer,
  cwd: string,
  direct: Walk,
): Promise<Walk> {
  const socket = connect(join(box.dir, "serve.sock"));
  try {
    const hello = { ...CAPABILITIES, experimental: { lockstep: { role: "library", pid: process.pid, server: name } } };
    const bounds = (asked: string): number => (direct.get(asked) === undefined ? SILENT_MS : FACT_MS);
    return await walk(FrameClient.over(socket), server, cwd, hello, bounds);
  } finally {
    socket.destroy();
  }
}

/** What was answered in another way, by what was asked: the direct answer and the other one. */
function differences(
  direct: Walk,
  again: Walk,
  through: Walk,
  explained: Record<string, string> = {},
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const asked of new Set([...direct.keys(), ...through.keys()])) {
    if (explained[asked] !== undefined) continue;
    const [expected, repeated, got] =
      asked === "initialize"
        ? helloOf(direct, through)
        : [direct, again, through].map((walked) => walked.get(asked)?.replace(TIME, "TIME"));
    const isStable = expected === repeated;
    const same = ANSWERED_BY_THE_DAEMON.has(asked) ? sameMembers : isStable ? Object.is : sameShape;
    const isSame = same(expected, got);
    if (!isSame) found[asked] = { expected, got };
  }
  return found;
}

/** The answers to `initialize`, with what the daemon says of itself taken out. */
function helloOf(direct: Walk, through: Walk): [string, string, string] {
  const read = (walked: Walk): Record<string, unknown> =>
    (JSON.parse(walked.get("initialize") ?? "{}") as { result?: Record<string, unknown> }).result ?? {};
  const { serverInfo, ...expected } = read(direct);
  const { serverInfo: _lockstep, ...got } = read(through);
  const capabilities = got["capabilities"] as { experimental?: Record<string, unknown> };
  const { lockstep, ...experimental } = capabilities.experimental ?? {};
  if (Object.keys(experimental).length === 0) delete capabilities.experimental;
  else capabilities.experimental = experimental;
  const expectedText = sorted({ ...expected, serverInfo });
  return [expectedText, expectedText, sorted({ ...got, serverInfo: (lockstep as { server?: unknown }).server })];
}

/** Members in the order of their names, since a hello is put together anew. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** For answers that are put together by the daemon: the order of the members may differ. */
function sameMembers(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && sorted(JSON.parse(a)) === sorted(JSON.parse(b));
}

/** Keys and types, for answers that are never the same twice: times, random ids. */
function sameShape(a: string | undefined, b: string | undefined): boolean {
  const shapeOf = (line: string | undefined): string =>
    JSON.stringify(line === undefined ? null : JSON.parse(line), (_key, member: unknown) =>
      typeof member === "object" || typeof member === "boolean" ? member : typeof member,
    );
  return shapeOf(a) === shapeOf(b);
}
