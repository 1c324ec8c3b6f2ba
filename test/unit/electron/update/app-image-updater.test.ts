import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AppImageInOneStep } from "../../../../electron/update/app-image-updater.js";
import { ReplacedError } from "../../../../electron/update/update-problem.js";
import { adapterOf } from "../../../fixtures/packages/feed-client.js";

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "appimage-"));
  file = join(root, "Lockstep.AppImage");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const updater = (): AppImageInOneStep => new AppImageInOneStep(file, adapterOf(root, "1.0.0"), () => undefined);

it("an AppImage that was moved away before the first check is reported as gone, and can be updated once it is back", async () => {
  const own = updater();
  await expect(own.requireReplaceable()).rejects.toMatchObject({ code: "ENOENT" });
  writeFileSync(file, "version 1.0.0");
  await expect(own.requireReplaceable()).resolves.toBeUndefined();
});

it("an AppImage that was replaced since the first check cannot be updated, not even by a file of its own length", async () => {
  writeFileSync(file, "version 1.0.0");
  const own = updater();
  await own.requireReplaceable();
  rmSync(file);
  writeFileSync(file, "version 3.0.0");
  await expect(own.requireReplaceable()).rejects.toBeInstanceOf(ReplacedError);
});
