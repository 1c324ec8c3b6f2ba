import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

/** A small tree under the project's own rules: each file, and the one line that it consists of. */
const TREE: Record<string, string> = {
  "src/version/versions.ts": "export const versions = 1;",
  "src/wire/frames.ts": "export const frames = 1; export interface Frame { raw: string }",
  "src/wire/reads-version.ts": 'export { versions } from "../version/versions.js";',
  "src/state/lock.ts": 'export { frames as lock } from "../wire/frames.js";',
  "src/daemon/serve.ts": 'export { lock as serve } from "../state/lock.js";',
  "src/client/connect/connect.ts": 'export { lock as connect } from "../state/lock.js";',
  "src/client/peeks.ts": 'export type { serve } from "../daemon/serve.js";',
  "src/cli/call.ts": 'export { connect as call } from "../client/connect.js";',
  "src/cli/cheats.ts": 'export { serve } from "../daemon/serve.js";',
  "src/cli/cheats-lazily.ts": 'export const cheat = () => import("../daemon/serve.js");',
  "src/config/types.ts": 'export type { Frame } from "../wire/frames.js";',
  "src/config/code.ts": 'export { frames } from "../wire/frames.js";',
  "src/daemon/a.ts": 'import { b } from "./b.js"; export const a = () => b;',
  "src/daemon/b.ts": 'import { a } from "./a.js"; export const b = () => a;',
  "src/attic/box.ts": 'export { versions } from "../version/versions.js";',
  "src/state/utils.ts": 'export { lock } from "./lock.js";',
  "src/daemon/uses.ts": 'export { lock } from "../state/utils.js";',
  "src/state/forgotten.ts": "export {};",
  "renderer/view.ts": 'export type { Frame } from "../src/wire/frames.js";',
  "renderer/reaches-out.ts": 'export { frames } from "../src/wire/frames.js";',
};

let tree: string;
let violations: string[];

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "boundaries-"));
  for (const config of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"])
    cpSync(join(ROOT, config), join(tree, config));
  for (const [file, line] of Object.entries(TREE)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), line);
  }
  violations = cruise();
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe("npm run check fails on", () => {
  it.each([
    ["a command that imports the daemon", "cli-imports: src/cli/cheats.ts → src/daemon/serve.ts"],
    ["a command that imports the daemon lazily", "cli-imports: src/cli/cheats-lazily.ts → src/daemon/serve.ts"],
    ["a client that imports a type of the daemon", "client-imports: src/client/peeks.ts → src/daemon/serve.ts"],
    ["a wire that knows versions", "wire-imports: src/wire/reads-version.ts → src/version/versions.ts"],
    [
      "a configuration that uses the wire's code",
      "config-imports-wire-types-only: src/config/code.ts → src/wire/frames.ts",
    ],
    ["a room without rules", "every-room-is-listed: src/attic/box.ts → src/version/versions.ts"],
    ["a renderer that imports code", "renderer-imports-types-only: renderer/reaches-out.ts → src/wire/frames.ts"],
    ["modules that import each other", "no-circular: src/daemon/a.ts → src/daemon/b.ts"],
    ["a module that nobody uses", "no-orphans: src/state/forgotten.ts → src/state/forgotten.ts"],
    ["a file with a name that says nothing", "names-that-say-something: src/daemon/uses.ts → src/state/utils.ts"],
  ])("%s", (_, violation) => {
    expect(violations).toContain(violation);
  });
});

it("nothing else is refused", () => {
  const allowed = [
    "src/state/lock.ts",
    "src/daemon/serve.ts",
    "src/client/connect/connect.ts",
    "src/cli/call.ts",
    "src/config/types.ts",
  ];
  expect(violations.filter((violation) => allowed.some((file) => violation.includes(`: ${file} `)))).toEqual([]);
  expect(violations.filter((violation) => violation.includes("renderer/view.ts"))).toEqual([]);
});

function cruise(): string[] {
  const depcruise = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [depcruise, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "src", "renderer"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8", maxBuffer: 1 << 26 });
  const report = JSON.parse(stdout) as { summary: { violations: Violation[] } };
  return report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}
