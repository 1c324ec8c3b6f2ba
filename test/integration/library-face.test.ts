import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { afterEach, beforeEach, expect, it } from "vitest";

import * as library from "../../src/index.js";
import { stopDaemon } from "../../src/client/stop/stop-daemon.js";
import { foreignSpec } from "../../src/client/spec/foreign-spec.js";
import { MARK } from "../marked-processes.mjs";
import { COMMAND_MS } from "../fixtures/bounds.js";

const ROOT = resolve(import.meta.dirname, "../..");

const FUNCTIONS = [
  "connectReconnecting",
  "createSdkTransport",
  "ensureDaemon",
  "followDaemon",
  "foreignSpec",
  "lockstepSpec",
  "progressText",
  "reportStatus",
  "stopDaemon",
  "wasNeverDelivered",
];
const ERRORS = [
  "ConnectError",
  "DirectoryError",
  "LifecycleError",
  "OutcomeUnknownError",
  "PeerClosedError",
  "RefusedError",
  "RequestTimeoutError",
  "RpcError",
  "UnresponsiveError",
];

it("the library exports these functions, errors and FRESH, and nothing else", () => {
  expect(Object.keys(library).sort()).toEqual([...FUNCTIONS, ...ERRORS, "FRESH"].sort());
});

it.each(FUNCTIONS)("the library's %s is documented with an example", (name) => {
  const tags = ts.getJSDocTags(declarationOf(name)).map(({ tagName }) => tagName.text);
  expect(tags).toContain("example");
});

/** The function that src/index.ts exports as `name`, in the file that declares it. */
function declarationOf(name: string): ts.FunctionDeclaration {
  const index = parse(join(ROOT, "src/index.ts"));
  const line = index.statements
    .filter(ts.isExportDeclaration)
    .find(({ exportClause }) => exportClause?.getText(index).match(new RegExp(`\\b${name}\\b`)));
  const module = (line?.moduleSpecifier as ts.StringLiteral).text.replace(/\.js$/, ".ts");
  const file = join(dirname(index.fileName), module);
  const found = parse(file)
    .statements.filter(ts.isFunctionDeclaration)
    .find((one) => one.name?.text === name);
  if (!found) throw new Error(`${file} does not declare ${name}`);
  return found;
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
}

let box: string;
beforeEach(() => (box = mkdtempSync(join(tmpdir(), "lf-"))));
afterEach(() => rmSync(box, { recursive: true, force: true }));

it("README's example starts notesd and calls it", async () => {
  const installation = join(box, "opt");
  const directory = join(box, "state");
  mkdirSync(installation);
  mkdirSync(directory, { mode: 0o700 });
  mkdirSync(join(box, "node_modules"));
  symlinkSync(ROOT, join(box, "node_modules/lockstep"));
  copyFileSync(join(ROOT, "test/fixtures/daemons/notesd.mjs"), join(installation, "notesd.mjs"));
  writeFileSync(join(installation, "VERSION"), "1.2.0\n");
  const program = join(box, "notes.mjs");
  const marked = `env: { ${MARK}: process.env.${MARK}, NOTESD_DIR`;
  writeFileSync(
    program,
    readmeExample()
      .replaceAll("/opt/notesd", installation)
      .replaceAll("/home/me/.notesd", directory)
      .replace("env: { NOTESD_DIR", marked),
  );
  try {
    const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8", timeout: COMMAND_MS });
    expect(stderr).toContain("notesd: starting the daemon 1.2.0");
    expect(stdout).toMatch(/^notesd 1\.2\.0 \(started\): 1 notes, kept by \d+\n$/);
  } finally {
    const spec = foreignSpec({
      name: "notesd",
      directory,
      installedVersion: () => "1.2.0",
      root: installation,
      command: { file: process.execPath, args: [] },
    });
    await stopDaemon(spec, { role: "library", report: () => undefined });
  }
});

/** The first JavaScript block of the section "As a library". */
function readmeExample(): string {
  const section = readFileSync(join(ROOT, "README.md"), "utf8").split("\n## As a library\n")[1] ?? "";
  const example = /```js\n(.*?)```/s.exec(section)?.[1];
  if (example === undefined) throw new Error("README has no example of the library");
  return example;
}
