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
  ["Authorization: Bearer x==", { Authorization: "Bearer x==" }],
  ["Authorization=Bearer x==", { Authorization: "Bearer x==" }],
  ["X-Url: https://a.example/?q=1", { "X-Url": "https://a.example/?q=1" }],
  ["X-Time=12:30", { "X-Time": "12:30" }],
  ["X-Empty:", { "X-Empty": "" }],
])("the header %s is read as curl and HTTP write it", (word, headers) => {
  expect(entry({ url: "https://x.example/mcp", header: [word] })).toMatchObject({ headers });
});

it.each([
  ["no sign", "Authorization", '--header takes NAME=VALUE or "NAME: VALUE"'],
  ["no name", "=s3cr3t", "is not the name of a header"],
  ["a name with a blank", "My Header: s3cr3t", '"My Header" is not the name of a header'],
  ["a value of two lines", "X-A: s3cr3t\nX-B: s3cr3t", '"X-A" has a value with line breaks'],
])("a header with %s is refused, and its value is not repeated", (_title, word, message) => {
  const act = () => entry({ url: "https://x.example/mcp", header: [word] });
  expect(act).toThrow(UsageError);
  expect(act).toThrow(message);
  expect(act).not.toThrow(/s3cr3t/);
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
