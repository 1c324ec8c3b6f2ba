import { expect, it } from "vitest";
import { textTable } from "../../../../src/cli/terminal/text-table.js";

it("columns are aligned by what characters take on the screen", () => {
  const rows = ["服务器", "e\u0301", "plain"].map((name) => [{ text: name }, { text: "x" }]);
  expect(textTable(rows)).toEqual(["服务器  x", "e\u0301       x", "plain   x"]);
});
