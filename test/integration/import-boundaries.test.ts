import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect } from "vitest";
import { it as base } from "../fixtures/it/with-shared-directory.js";

const ROOT = join(import.meta.dirname, "../..");

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

/** A small tree under the project's own rules, of files that may all be there. */
const ALLOWED: Record<string, string> = {
  "src/index.ts": 'export { connect } from "./client/connect.js";',
  "src/text/duration.ts": "export const duration = 1;",
  "src/version/versions.ts": "export const versions = 1;",
  "src/wire/frames.ts":
    'import type { Socket } from "node:net"; export interface Frame { of: Socket } export const frames = 1;',
  "src/mcp/era.ts":
    'import { join } from "node:path"; export { frames as era } from "../wire/frames.js"; export const x = join;',
  "src/log/reader.ts": 'export { duration as reader } from "../text/duration.js";',
  "src/state/lock.ts": 'export { versions as lock } from "../version/versions.js";',
  "src/config/servers.ts": 'export { duration as servers } from "../text/duration.js";',
  "src/install/build.ts": 'export { lock as build } from "../state/lock.js";',
  "src/client/connect.ts": 'export { build as connect } from "../install/build.js";',
  "src/servers/route.ts": 'export { era as route } from "../mcp/era.js";',
  "src/daemon/serve.ts": 'export { route as serve } from "../servers/route.js";',
  "src/cli/call.ts": 'export { connect as call } from "../client/connect.js";',
  "electron/app.ts": 'export { connect as app } from "../src/client/connect.js";',
  "electron/model/state.ts": 'import type { lock } from "../../src/state/lock.js"; export type State = typeof lock;',
  "electron/view/words.ts": 'export { duration as words } from "../../src/text/duration.js";',
  "renderer/view.ts":
    'export type { Frame } from "../src/wire/frames.js"; export { duration } from "../src/text/duration.js";',
};

/** One forbidden line for each file, and the rule that it breaks; every room has a row at least. */
const FORBIDDEN: { what: string; file: string; line: string; rule: string; to: string }[] = [
  breaks("text", "that knows versions", "../version/versions.js", "src/version/versions.ts"),
  breaks("version", "that knows the wire", "../wire/frames.js", "src/wire/frames.ts"),
  breaks("wire", "that knows versions", "../version/versions.js", "src/version/versions.ts"),
  breaks("mcp", "that opens the state directory", "../state/lock.js", "src/state/lock.ts"),
  breaks("log", "that knows the daemon's state", "../state/lock.js", "src/state/lock.ts"),
  breaks("state", "that connects", "../client/connect.js", "src/client/connect.ts"),
  breaks("config", "that connects", "../client/connect.js", "src/client/connect.ts"),
  breaks("install", "that connects", "../client/connect.js", "src/client/connect.ts"),
  breaks("client", "that imports the daemon", "../daemon/serve.js", "src/daemon/serve.ts"),
  breaks("bridge", "that imports the daemon", "../daemon/serve.js", "src/daemon/serve.ts"),
  breaks("servers", "that imports the client", "../client/connect.js", "src/client/connect.ts"),
  breaks("daemon", "that imports the client", "../client/connect.js", "src/client/connect.ts"),
  breaks("cli", "that imports the daemon", "../daemon/serve.js", "src/daemon/serve.ts"),
  {
    what: "a command that imports the daemon lazily",
    file: "src/cli/cheats-lazily.ts",
    line: 'export const cheat = () => import("../daemon/serve.js");',
    rule: "cli-imports",
    to: "src/daemon/serve.ts",
  },
  {
    what: "a client that imports a type of the daemon",
    file: "src/client/peeks.ts",
    line: 'export type { serve } from "../daemon/serve.js";',
    rule: "client-imports",
    to: "src/daemon/serve.ts",
  },
  ...["text", "version", "mcp"].map((room) => ({
    what: `a file of ${room} that reads from the disk`,
    file: `src/${room}/reads.ts`,
    line: 'export { readFileSync } from "node:fs";',
    rule: `${room}-is-pure`,
    to: "fs",
  })),
  {
    what: "a room without a row in the table",
    file: "src/attic/box.ts",
    line: 'export { versions } from "../version/versions.js";',
    rule: "every-room-is-listed",
    to: "src/version/versions.ts",
  },
  {
    what: "a file of src that imports Electron",
    file: "src/state/draws.ts",
    line: 'export { app } from "electron";',
    rule: "source-knows-no-electron",
    to: "electron",
  },
  {
    what: "an app that imports the daemon",
    file: "electron/cheats.ts",
    line: 'export { serve } from "../src/daemon/serve.js";',
    rule: "electron-goes-through-the-client",
    to: "src/daemon/serve.ts",
  },
  {
    what: "an app that comes in by the library's door",
    file: "electron/stranger.ts",
    line: 'export { connect } from "../src/index.js";',
    rule: "library-face-is-for-strangers",
    to: "src/index.ts",
  },
  {
    what: "a model that reads from the disk",
    file: "electron/model/reads.ts",
    line: 'export { readFileSync } from "node:fs";',
    rule: "model-and-view-are-pure",
    to: "fs",
  },
  {
    what: "a view that opens windows",
    file: "electron/view/opens.ts",
    line: 'export { BrowserWindow } from "electron";',
    rule: "model-and-view-know-no-electron",
    to: "electron",
  },
  {
    what: "a model that calls a room that is not pure",
    file: "electron/model/locks.ts",
    line: 'export { lock } from "../../src/state/lock.js";',
    rule: "model-and-view-call-pure-rooms",
    to: "src/state/lock.ts",
  },
  {
    what: "a renderer that imports code",
    file: "renderer/reaches-out.ts",
    line: 'export { frames } from "../src/wire/frames.js";',
    rule: "renderer-is-a-view",
    to: "src/wire/frames.ts",
  },
  {
    what: "a module that is never imported",
    file: "src/state/forgotten.ts",
    line: "export {};",
    rule: "no-orphans",
    to: "src/state/forgotten.ts",
  },
  {
    what: "a file with a name that says nothing",
    file: "src/state/utils.ts",
    line: 'export { lock } from "./lock.js";',
    rule: "names-that-say-something",
    to: "src/state/utils.ts",
  },
  {
    what: "two modules that import each other",
    file: "src/daemon/a.ts",
    line: 'import { b } from "./b.js"; export const a = () => b;',
    rule: "no-circular",
    to: "src/daemon/b.ts",
  },
  {
    what: "two modules whose types need each other",
    file: "src/daemon/c.ts",
    line: 'import type { D } from "./d.js"; export interface C { d: D }',
    rule: "no-circular",
    to: "src/daemon/d.ts",
  },
];

/** What else the forbidden lines need to be there. */
const COMPANIONS: Record<string, string> = {
  "src/daemon/b.ts": 'import { a } from "./a.js"; export const b = () => a;',
  "src/daemon/d.ts": 'import type { C } from "./c.js"; export interface D { c: C }',
  "src/daemon/uses.ts": 'export { lock } from "../state/utils.js";',
};

const it = base.extend("violations", { scope: "file" }, ({ directory: tree }) => {
  for (const config of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"])
    cpSync(join(ROOT, config), join(tree, config));
  const forbidden = Object.fromEntries(FORBIDDEN.map(({ file, line }) => [file, line]));
  for (const [file, line] of Object.entries({ ...ALLOWED, ...forbidden, ...COMPANIONS })) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), line);
  }
  return cruise(tree);
});

describe("npm run check fails on", () => {
  it.for(FORBIDDEN.map((row) => [row.what, row] as const))(
    "npm run check fails on %s",
    ([_, { rule, file, to }], { violations }) => {
      const from = rule === "names-that-say-something" ? "src/daemon/uses.ts" : file;
      expect(violations).toContainEqual({ rule, from, to });
    },
  );
});

it("npm run check accepts the imports that the table allows", ({ violations }) => {
  const refused = new Set(violations.map(({ from }) => from));
  expect(Object.keys(ALLOWED).filter((file) => refused.has(file))).toEqual([]);
});

it("every folder of src has its row in the table", () => {
  const rooms = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const tried = new Set(
    FORBIDDEN.filter(({ rule }) => rule.endsWith("-imports")).map(({ file }) => file.split("/")[1]),
  );
  expect(rooms.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
});

function breaks(room: string, how: string, specifier: string, to: string): (typeof FORBIDDEN)[number] {
  const line = `export * from "${specifier}";`;
  return { what: `a file of ${room} ${how}`, file: `src/${room}/cheats.ts`, line, rule: `${room}-imports`, to };
}

function cruise(tree: string): { rule: string; from: string; to: string }[] {
  const depcruise = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [
    depcruise,
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "json",
    "src",
    "electron",
    "renderer",
  ];
  const { stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8", maxBuffer: 1 << 26 });
  const report = JSON.parse(stdout) as { summary: { violations: Violation[] } };
  return report.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}
