import { describe, expect, it } from "vitest";

import { serverUnknown } from "../../../src/mcp/refusals.js";

describe("the refusal for an unknown server suggests the nearest name", () => {
  it.each([
    ["memroy", ["memory", "files"], 'Did you mean "memory"?'],
    ["GitHub", ["github"], 'Did you mean "github"?'],
    ["zzz", ["memory"], undefined],
    ["x", [], undefined],
  ])("%s among %j", (name, known, hint) => {
    const { message } = serverUnknown(name, known);
    if (hint === undefined) expect(message).not.toContain("Did you mean");
    else expect(message).toContain(hint);
  });
});
