import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseServers } from "../../../../src/config/parse-servers.js";
import { redactor } from "../../../../src/config/secrets/redactor.js";

/** The filter for the server that this entry configures. `variables` is the login environment. */
function filterFor(entry: object, variables: Record<string, string> = {}, files: Record<string, string> = {}) {
  const { servers, problems } = parseServers(JSON.stringify({ mcpServers: { one: entry } }), {
    env: variables,
    home: "/home/me",
    builtins: {},
    directory: "/state",
    readEnvFile: (path) => files[path] ?? "",
  });
  const config = servers.get("one");
  if (config === undefined) throw new Error(JSON.stringify(problems));
  return redactor(config);
}

/** Where a secret can stand in an entry. */
const PLACES: [place: string, filterWith: (secret: string) => (text: string) => string][] = [
  ["env", (secret) => filterFor({ command: "x", env: { DATABASE_URL: literal(secret) } })],
  ["a list of variables", (secret) => filterFor({ command: "x", env: [`SIGNING=${literal(secret)}`] })],
  ["a variable in env", (secret) => filterFor({ command: "x", env: { A: "<${KEY}>" } }, { KEY: secret })],
  ["a variable in args", (secret) => filterFor({ command: "x", args: ["--key=${KEY}"] }, { KEY: secret })],
  ["a default in args", (secret) => filterFor({ command: "x", args: [`\${KEY:-${secret}}`] }, {})],
  ["a variable in command", (secret) => filterFor({ command: "/bin/${KEY}" }, { KEY: secret })],
  ["a variable in cwd", (secret) => filterFor({ command: "x", cwd: "/tmp/${KEY}" }, { KEY: secret })],
  ["an option", (secret) => filterFor({ command: "x", args: ["--api-key", literal(secret)] })],
  ["an address in args", (s) => filterFor({ command: "x", args: [`postgres://me:${encodeURIComponent(s)}@db/x`] })],
  ["an address in env", (s) => filterFor({ command: "x", env: { U: `redis://:${encodeURIComponent(s)}@host` } })],
  ["a header", (secret) => filterFor({ url: "https://e.org", headers: { "X-Any": literal(secret) } })],
  ["a bearer", (secret) => filterFor({ url: "https://e.org", headers: { A: literal(`Bearer ${secret}`) } })],
  ["a password", (secret) => filterFor({ url: `https://me:${encodeURIComponent(secret)}@e.org/` })],
  ["a query", (secret) => filterFor({ url: `https://e.org/?a=1&k=${encodeURIComponent(secret)}` })],
  ["a path", (secret) => filterFor({ url: `https://e.org/s/${encodeURIComponent(secret)}/mcp` })],
  ["a variable in an address", (s) => filterFor({ url: "https://e.org/${KEY}" }, { KEY: encodeURIComponent(s) })],
  [
    "an env file",
    (secret) => filterFor({ command: "x", envFile: "a.env" }, {}, { "/state/a.env": `K=${JSON.stringify(secret)}` }),
  ],
];

/** In which form a program prints it. */
const FORMS: [form: string, printed: (secret: string) => string][] = [
  ["as it is", (secret) => secret],
  ["in JSON", (secret) => JSON.stringify({ secret }).slice(11, -2)],
  ["in JSON in JSON", (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
  ["in an address", (secret) => encodeURIComponent(secret)],
  ["in base64", (secret) => Buffer.from(secret).toString("base64").replace(/=+$/, "")],
];

/** Printable ASCII without white space at its ends, and without what an .env file and `${…}` give a meaning. */
/** Not one that begins in the home directory, since servers get it with the directory's path. */
const secretText = fc
  .string({ unit: fc.constantFrom(..."abcdefghijXYZ0123456789-_.~+/=:@&?#%!*()<>,; "), minLength: 8, maxLength: 40 })
  .filter((text) => text === text.trim() && !/^([./]+$|~\/)/.test(text) && text.replaceAll(".", "").length >= 8);

describe("a server's redacted texts", () => {
  it.each(PLACES)(
    "do not show a secret of at least 8 characters that stands in %s, in any form",
    (_place, filterWith) => {
      fc.assert(
        fc.property(secretText, fc.string({ maxLength: 10 }), (secret, around) => {
          const filter = filterWith(secret);
          for (const [, printed] of FORMS) {
            const form = printed(secret);
            if (around.includes(form)) continue;
            expect(filter(`${around}${form}${around}`)).not.toContain(form);
            expect(filter(form)).not.toContain(form);
          }
          for (const before of ["", "-", "--"]) {
            const base64 = Buffer.from(before + secret).toString("base64");
            expect(filter(base64)).not.toContain(base64.slice(4, 8));
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it("show no line of a key, and no text in a JSON document", () => {
    const key =
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEAAo\n-----END PRIVATE KEY-----\n";
    const account = JSON.stringify({ type: "service_account", private_key: key, client_id: "1089123456789" });
    const filter = filterFor({ command: "x", env: { PEM: key, ACCOUNT: account } });
    for (const line of [...key.trim().split("\n"), "1089123456789"]) expect(filter(`> ${line}`)).toBe("> …");
    expect(filter(key)).not.toMatch(/MIIE|BAQE/);
  });

  it.each([
    ["a connection string's password", { A: "Server=db;Password=hunter2pw;" }, "login failed: hunter2pw"],
    ["a password in an address", { A: "postgres://app:hunter2pw@db/x" }, "no user app:hunter2pw"],
    ["a value with line ends of Windows", { A: "first-line-1\r\nsecond-line" }, "at second-line"],
    ["a value with white space around it", { A: "  sk-123456789 \n" }, "key sk-123456789"],
  ])("do not show %s", (_what, env, text) => {
    expect(filterFor({ command: "x", env })(text)).toMatch(/…$/);
  });

  it("do not show what a header's Basic credentials encode", () => {
    const Authorization = `Basic ${Buffer.from("me:hunter2pw").toString("base64")}`;
    const filter = filterFor({ url: "https://e.org", headers: { Authorization } });
    expect(filter("me:hunter2pw, hunter2pw")).toBe("…, …");
  });

  it("do not show any part of two secrets that overlap", () => {
    const filter = filterFor({ command: "x", env: { A: "abcdefgh", B: "efghijkl", C: "aaaaaaaa" } });
    expect(filter("abcdefghijkl")).toBe("…");
    expect(filter("aaaaaaaaaaaa")).toBe("…");
  });

  it("show values with a harmless name, words, and short values inside of other words", () => {
    const env = { NODE_ENV: "production", LC_ALL: "de_DE.UTF-8", VERBOSE_LOGS: "true", PIN: "1234", ONE: "abc" };
    const filter = filterFor({ command: "x", env });
    expect(filter("production de_DE.UTF-8 true abc 12345 PIN 1234.")).toBe(
      "production de_DE.UTF-8 true abc 12345 PIN ….",
    );
    expect(
      filterFor({ url: "https://e.org/mcp", headers: { Accept: "application/json" } })("application/json mcp"),
    ).toBe("application/json mcp");
  });

  it("show what a variable with a harmless name stood for", () => {
    const filter = filterFor(
      { command: "x", args: ["${HOME}/notes", "${KEY}"] },
      { HOME: "/home/me", KEY: "sk-123456" },
    );
    expect(filter("/home/me/notes sk-123456")).toBe("/home/me/notes …");
  });
});

/** As an entry holds a text that is to be taken literally. */
function literal(text: string): string {
  return text.replaceAll("${", "$${");
}
