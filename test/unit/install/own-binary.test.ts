import { describe, expect, it } from "vitest";

import { ownBinary } from "../../../src/install/own-binary.js";

describe("the path of the own binary", () => {
  it("the own binary is process.execPath", () => {
    expect(ownBinary()).toBe(process.execPath);
  });

  it("the own binary is the new file if it was replaced before Node read its path", () => {
    expect(ownBinary("/opt/Lockstep/lockstep-app (deleted)")).toBe("/opt/Lockstep/lockstep-app");
  });

  it("the own binary is in the new runtime if that was exchanged before Node read its path", () => {
    for (const moved of [
      "/d/lockstep/runtime.fresh/lockstep-app",
      "/d/lockstep/runtime.fresh/lockstep-app (deleted)",
    ]) {
      expect(ownBinary(moved)).toBe("/d/lockstep/runtime/lockstep-app");
    }
  });
});
