import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { untilInstalled } from "../../../../src/cli/update/until-installed.js";
import { readBuildInfo } from "../../../../src/install/build-info.js";

let root: string;
let app: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "installed-"));
  app = join(root, "Lockstep.app");
  install("1.4.0");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function install(version: string): void {
  const fresh = join(root, "fresh");
  mkdirSync(fresh);
  writeFileSync(join(fresh, "build-info.json"), JSON.stringify({ version, buildId: "b", protocol: 1 }));
  rmSync(app, { recursive: true, force: true });
  renameSync(fresh, app);
}

it("an update is reported once the app has been replaced, whose files are missing for a moment", async () => {
  let reported = false;
  let looked = 0;
  const done = untilInstalled("1.5.0", () => {
    looked++;
    if (looked === 2) renameSync(app, join(root, "away"));
    if (looked === 3) install("1.5.0");
    return readBuildInfo(app);
  }).then(() => (reported = true));
  expect(reported).toBe(false);
  await done;
  expect(looked).toBe(3);
});

it("an update that never replaces the app is not reported as done", async () => {
  await expect(untilInstalled("1.5.0", () => readBuildInfo(app), 300)).rejects.toThrow(
    "1.5.0 was downloaded, but has not replaced the app within",
  );
});
