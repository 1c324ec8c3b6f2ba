import { describe, expect, it } from "vitest";

import { ownBinary } from "../../../src/install/own-binary.js";

describe("the path of the own binary", () => {
  it("is what Node says", () => {
    expect(ownBinary()).toBe(process.execPath);
  });

  it("is that of the file in its place, when it was replaced before Node asked for it", () => {
    expect(ownBinary("/opt/Lockstep/lockstep-app (deleted)")).toBe("/opt/Lockstep/lockstep-app");
  });

  it("is that in the runtime's place, when the runtime was exchanged before Node asked for it", () => {
    for (const moved of [
      "/d/lockstep/runtime.fresh/lockstep-app",
      "/d/lockstep/runtime.fresh/lockstep-app (deleted)",
    ]) {
      expect(ownBinary(moved)).toBe("/d/lockstep/runtime/lockstep-app");
    }
  });
});
