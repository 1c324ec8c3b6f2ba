import { describe, expect, it } from "vitest";

import { ownBinary } from "../../../src/state/own-binary.js";

describe("the path of the own binary", () => {
  it("is what Node says", () => {
    expect(ownBinary()).toBe(process.execPath);
  });

  it("is that of the file in its place, when it was replaced before Node asked for it", () => {
    expect(ownBinary("/opt/Lockstep/lockstep-app (deleted)")).toBe("/opt/Lockstep/lockstep-app");
  });
});
