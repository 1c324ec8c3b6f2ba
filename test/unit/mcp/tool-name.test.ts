import { expect, it } from "vitest";

import { nameWithServer, splitName } from "../../../src/mcp/tool-name.js";

it("a name with its server is divided again", () => {
  expect(splitName(nameWithServer("files", "read"), ["memory", "files"])).toEqual({ server: "files", name: "read" });
  expect(splitName("read", ["files"])).toBeUndefined();
  expect(splitName("other__read", ["files"])).toBeUndefined();
});

it("the longest server that fits is meant", () => {
  const servers = ["one", "one__two"];
  expect(splitName("one__two__x", servers)).toEqual({ server: "one__two", name: "x" });
  expect(splitName("one__x__y", servers)).toEqual({ server: "one", name: "x__y" });
});
