import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nameAfterUpdate, replaceAppImage } from "../../../../electron/update/replace-app-image.js";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "rai-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function files(oldName: string): { fresh: string; old: string } {
  const [cache, apps] = [join(root, "cache"), join(root, "apps")];
  mkdirSync(cache);
  mkdirSync(apps);
  writeFileSync(join(cache, "Lockstep-1.1.0-x86_64.AppImage"), "new", { mode: 0o600 });
  writeFileSync(join(apps, oldName), "old", { mode: 0o755 });
  return { fresh: join(cache, "Lockstep-1.1.0-x86_64.AppImage"), old: join(apps, oldName) };
}

describe("a new AppImage takes the old one's place", () => {
  it.each([
    ["Lockstep-1.0.0-x86_64.AppImage", "Lockstep-1.1.0-x86_64.AppImage"],
    ["Lockstep.AppImage", "Lockstep.AppImage"],
    ["my tool", "my tool"],
  ])("%s becomes %s", (oldName, newName) => {
    const { fresh, old } = files(oldName);
    const installed = replaceAppImage(fresh, old);
    expect(installed).toBe(join(root, "apps", newName));
    expect(readdirSync(join(root, "apps"))).toEqual([newName]);
    expect(readFileSync(installed, "utf8")).toBe("new");
    expect(statSync(installed).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(root, "cache"))).toEqual([]);
    expect(nameAfterUpdate(oldName, "Lockstep-1.1.0-x86_64.AppImage")).toBe(newName);
  });

  it("not if that cannot be done: both stay as they are", () => {
    const { fresh, old } = files("Lockstep.AppImage");
    rmSync(old);
    mkdirSync(join(old, "in the way"), { recursive: true });
    expect(() => replaceAppImage(fresh, old)).toThrow();
    expect(readFileSync(fresh, "utf8")).toBe("new");
  });
});
