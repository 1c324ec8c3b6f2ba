import fc from "fast-check";
import { expect, it } from "vitest";

import { splitUri, uriWithServer } from "../../../src/mcp/server-uri.js";

it("a URI with its server is divided again, whatever both hold", () => {
  const text = fc.string({ unit: fc.constantFrom("a", ":", "/", "%", "ü", "\n") });
  fc.assert(
    fc.property(text, text, (server, uri) => {
      expect(splitUri(uriWithServer(server, uri))).toEqual({ server, uri });
    }),
  );
});

it.each(["file:///a", "lockstep:", "lockstep:%:a", ""])("%j is no URI with a server", (uri) => {
  expect(splitUri(uri)).toBeUndefined();
});
