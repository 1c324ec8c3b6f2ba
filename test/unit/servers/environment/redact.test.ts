import { expect, it } from "vitest";

import { DEFAULT_LIFECYCLE, type ServerConfig } from "../../../../src/config/server-config.js";
import { redactor } from "../../../../src/servers/environment/redact.js";

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
  transport: "http",
  url: "https://user:hunter22@e.org/mcp?key=query-key",
  headers: { Authorization: "Bearer tok-123456" },
  ...DEFAULT_LIFECYCLE,
};

it("secrets of its configuration are replaced in a server's output, the longest first", () => {
  expect(redactor(stdio)("in production with abc-def-123-long and abc-def-123, abc")).toBe(
    "in production with … and …, abc",
  );
  expect(redactor(url)("sent Bearer tok-123456 and tok-123456 to hunter22, query-key")).toBe("sent … and … to …, …");
});
