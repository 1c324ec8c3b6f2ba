import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nameWithHash, nameWithServer, splitName } from "../../../src/mcp/tool-name.js";

describe("the name of a tool with its server", () => {
  it("a name with its server is divided again", () => {
    expect(splitName(nameWithServer("files", "read"), ["memory", "files"])).toEqual({ server: "files", name: "read" });
    expect(splitName("read", ["files"])).toBeUndefined();
    expect(splitName("other__read", ["files"])).toBeUndefined();
  });

  it("of several servers that fit the one that clients see so is meant, else the longest", () => {
    expect(splitName("one__two__x", ["one", "one__two"])).toEqual({ server: "one", name: "two__x" });
    expect(splitName("one__x__y", ["one", "one__two"])).toEqual({ server: "one", name: "x__y" });
    expect(splitName("my.one__x", ["my.one", "my"])).toEqual({ server: "my.one", name: "x" });
  });

  it.each([
    ["one", "read"],
    ["a-b_c", "_read"],
  ])("%s and %s are joined as they are", (server, name) => {
    expect(nameWithServer(server, name)).toBe(`${server}__${name}`);
  });

  it("a name that hosts would refuse is made of what they take, cut, and stays the same", () => {
    expect(nameWithServer("my server", "get.info")).toMatch(/^my_server__get_info_[a-z0-9]{8}$/);
    expect(nameWithServer("everything", "x".repeat(50))).toMatch(/^everything__x{25}_[a-z0-9]{8}$/);
    expect(nameWithServer("my server", "get.info")).toBe("my_server__get_info_gu7kzpta");
  });

  it("different tools have different names, which every host takes", () => {
    const label = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.string({ minLength: 1, unit: fc.constantFrom("a", "_", ".") }),
    );
    const tool = fc.tuple(label, label);
    fc.assert(
      fc.property(tool, tool, ([serverA, nameA], [serverB, nameB]) => {
        const [a, b] = [nameWithServer(serverA, nameA), nameWithServer(serverB, nameB)];
        for (const name of [a, b, nameWithHash(serverA, nameA)]) expect(name).toMatch(/^[A-Za-z0-9_-]{1,46}$/);
        expect(a === b).toBe(serverA === serverB && nameA === nameB);
      }),
      { numRuns: 2_000 },
    );
  });
});
