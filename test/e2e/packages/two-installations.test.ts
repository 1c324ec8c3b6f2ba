import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { PACKAGES_MS } from "../../fixtures/bounds.js";
import { NpmPrefix } from "../../fixtures/packages/npm-prefix.js";
import { NpmRegistry } from "../../fixtures/packages/npm-registry.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { Sandbox } from "../../fixtures/sandbox.js";

const OLDER = "7.1.0";
const NEWER = "7.2.0";
const TURNS = 50;
const READ = ["call", "memory", "read_graph"];

let registry: NpmRegistry;
beforeAll(async () => {
  registry = await NpmRegistry.start();
  for (const version of [OLDER, NEWER]) await registry.publish(await packageOf("npm", { version }));
}, PACKAGES_MS);
afterAll(() => registry.close());

let box: Sandbox;
let older: NpmPrefix;
let newer: NpmPrefix;
beforeEach(async () => {
  box = new Sandbox();
  older = new NpmPrefix(box, registry, "older");
  newer = new NpmPrefix(box, registry, "newer");
  await older.install(OLDER, { hook: false });
  await newer.install(NEWER, { hook: false });
}, PACKAGES_MS);
afterEach(() => box.close());

describe("two global installations", { timeout: PACKAGES_MS }, () => {
  it.each([
    [`used ${TURNS} times in turn, the older one first,`, "older-first", ["start", "restart"]],
    [`used ${TURNS} times in turn, the newer one first,`, "newer-first", ["start"]],
  ])(
    "two global installations %s restart at most once, and the older one says once which is newer and where",
    async (_, order, starts) => {
      const turn = order === "older-first" ? [older, newer] : [newer, older];
      const said = new Map<NpmPrefix, string[]>([
        [older, []],
        [newer, []],
      ]);
      for (let count = 0; count < TURNS; count++) {
        for (const one of turn) {
          const called = await box.run(READ, { from: one.dist });
          expect(called).toMatchObject({ code: 0, stdout: expect.stringContaining("entities") as string });
          if (called.stderr !== "") said.get(one)!.push(called.stderr);
        }
      }
      expect(box.ledger().map(({ did }) => did)).toEqual(starts);
      expect(box.logLines("daemon: ready")).toHaveLength(starts.length);
      expect(box.logLines("version-mismatch restart")).toHaveLength(starts.length - 1);
      const [notice, ...more] = said.get(older)!;
      expect(more).toEqual([]);
      for (const part of [OLDER, NEWER, newer.dist]) expect(notice).toContain(part);
      expect(notice!.trimEnd().split("\n")).toHaveLength(1);
      expect(said.get(newer)).toHaveLength(starts.length - 1);
    },
  );

  it("a global installation that goes back to the other's version restarts once and prints nothing afterwards", async () => {
    await box.run(READ, { from: newer.dist });
    await newer.install(OLDER, { hook: false });
    expect(await box.run(READ, { from: newer.dist })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("restarting") as string,
    });
    for (let count = 0; count < 5; count++) {
      for (const { dist } of [older, newer]) {
        expect(await box.run(READ, { from: dist })).toMatchObject({ code: 0, stderr: "" });
      }
    }
    expect(box.logLines("version-mismatch restart")).toEqual([
      expect.stringContaining(`(prev=${NEWER},now=${OLDER},by=pid`) as string,
    ]);
  });
});
