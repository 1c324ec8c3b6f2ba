import { expect, it } from "vitest";

import { UsageError } from "../../../src/cli/exit-code.js";
import { entryOf } from "../../../src/cli/server-entry.js";

const entry = (words: Partial<Parameters<typeof entryOf>[0]>) =>
  entryOf({ command: [], url: undefined, header: undefined, env: undefined, ...words });

it("a command with its arguments and variables makes an entry", () => {
  expect(entry({ command: ["npx", "-y", "server"], env: ["A=1", "B=x=y"] })).toEqual({
    command: "npx",
    args: ["-y", "server"],
    env: { A: "1", B: "x=y" },
  });
  expect(entry({ command: ["server"] })).toEqual({ command: "server" });
});

it("a URL with its headers makes an entry", () => {
  expect(entry({ url: "https://x.example/mcp", header: ["Authorization=Bearer ${TOKEN}"] })).toEqual({
    url: "https://x.example/mcp",
    headers: { Authorization: "Bearer ${TOKEN}" },
  });
});

it.each([
  ["a missing command", {}, "give a command or a URL"],
  ["a command together with a URL", { command: ["a"], url: "https://x.example" }, "not both"],
  ["another scheme", { url: "file:///etc/passwd" }, "give an http:// or https:// address"],
  ["a variable for a URL", { url: "https://x.example", env: ["A=1"] }, "--env is for a command"],
  ["a header for a command", { command: ["a"], header: ["A=1"] }, "--header is for a --url"],
])("%s is refused", (_title, words, message) => {
  expect(() => entry(words)).toThrow(UsageError);
  expect(() => entry(words)).toThrow(message);
});

it("an error does not repeat a value that may be a secret", () => {
  expect(() => entry({ command: ["a"], env: ["s3cr3t"] })).toThrow(/^(?!.*s3cr3t)/);
});
