import { describe, expect, it } from "vitest";

import type { ServerConfig } from "../../../../src/config/server-config.js";
import { DEFAULT_LIFECYCLE } from "../../../../src/config/server-config.js";
import { backoffMs, CrashRecord } from "../../../../src/servers/process/crash-record.js";
import { lineSplitter } from "../../../../src/servers/channel/lines.js";
import { redactor } from "../../../../src/servers/environment/redact.js";

it("the backoff begins at once, doubles, and ends at a minute", () => {
  expect([1, 2, 3, 4, 7, 8, 9, 100].map(backoffMs)).toEqual([0, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
});

it("a crash after a healthy minute counts as the first", () => {
  const record = new CrashRecord();
  const next = (readyMs: number | undefined): number => record.add(readyMs, "exited").nextStartMs;
  expect([next(10), next(10), next(10), next(60_000), next(10), next(undefined)]).toEqual([
    0, 1_000, 2_000, 0, 1_000, 2_000,
  ]);
});

it("a start that fails is not repeated for every request", () => {
  expect(new CrashRecord().add(undefined, "no program")).toEqual({
    nextStartMs: 1_000,
    what: "could not be started: no program",
  });
});

it("lines come whole, however they were cut, and never without bound", () => {
  const lines: string[] = [];
  const push = lineSplitter((line) => lines.push(line));
  const bytes = Buffer.from("eins\r\nzw\u{1f493}ei\n\n  \nlast");
  for (const byte of bytes) push(Buffer.from([byte]));
  push(undefined);
  expect(lines).toEqual(["eins", "zw\u{1f493}ei", "last"]);
  for (let part = 0; part < 100; part++) push(Buffer.alloc(1024, "x"));
  push(Buffer.from("\nnext\n"));
  expect(lines.at(-1)).toBe("next");
  expect(lines.at(-2)?.length).toBeLessThan(9_000);
});

describe("secrets of a configuration", () => {
  const stdio: ServerConfig = {
    kind: "stdio",
    command: "x",
    args: [],
    cwd: undefined,
    env: { API_KEY: "abc-def-123", MODE: "production", SHORT_TOKEN: "abc", MY_PASSWORD: "abc-def-123-long" },
    ...DEFAULT_LIFECYCLE,
  };
  const url: ServerConfig = {
    kind: "url",
    url: "https://user:hunter22@e.org/mcp?key=query-key",
    headers: { Authorization: "Bearer tok-123456" },
    ...DEFAULT_LIFECYCLE,
  };

  it("are blotted out of what a server says, longest first", () => {
    expect(redactor(stdio)("in production with abc-def-123-long and abc-def-123, abc")).toBe(
      "in production with … and …, abc",
    );
    expect(redactor(url)("sent Bearer tok-123456 and tok-123456 to hunter22, query-key")).toBe("sent … and … to …, …");
  });
});
