import { expect, it } from "vitest";
import { tilde } from "../../../src/text/tilde.js";

it.each([
  ["/home/ada", "/home/ada", "~"],
  ["/home/ada/x", "/home/ada", "~/x"],
  ["/home/adaline", "/home/ada", "/home/adaline"],
  ["/opt", "/home/ada", "/opt"],
  ["/opt", "/", "/opt"],
  ["/opt", "", "/opt"],
])("the path %s is written, with the home directory %s, as %s", (path, home, text) => {
  expect(tilde(path, home)).toBe(text);
});
