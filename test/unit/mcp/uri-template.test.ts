import { expect, it } from "vitest";

import { matchesTemplate } from "../../../src/mcp/uri-template.js";

it.each([
  ["demo://text/{id}", "demo://text/1", true],
  ["demo://text/{id}", "demo://text/", true],
  ["demo://text/{id}", "demo://text/1/2", false],
  ["demo://text/{id}", "demo://blob/1", false],
  ["file:///{+path}", "file:///a/b.txt", true],
  ["file:///{path*}", "file:///a/b.txt", true],
  ["a.b://{x}-{y}?q{?z}", "a.b://1-2?q?z=3", true],
  ["a.b://{x}", "aXb://1", false],
  ["plain", "plain", true],
])("%s and %s match: %s", (template, uri, matches) => {
  expect(matchesTemplate(template, uri)).toBe(matches);
});
