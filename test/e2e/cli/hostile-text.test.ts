import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { COMMAND_MS } from "../../fixtures/bounds.js";
import { it as base } from "../../fixtures/it/with-shared-box.js";
import { until } from "../../fixtures/sandbox.js";

const CLI = `"${process.execPath}" "${resolve("dist/cli.js")}"`;
const SERVER = resolve("test/fixtures/servers/schema-server.mjs");

/** A title, a colour, C1's control sequence introducer, DEL, and marks that reorder text. */
const HOSTILE = "evil\u001b]0;owned\u0007\u001b[31m\u009b2J\u007f\u202e\u2066\u2028!";
const LINE = `${HOSTILE}\nlockstep: all is well\r\n`;
/** What a JSON text may hold unescaped. */
const RAW = "\u009b2J\u007f\u202e\u2066\u2028";

const tool = { properties: { [LINE]: { enum: [LINE] }, n: { type: "integer", description: LINE } }, required: [LINE] };
const result = { content: [{ type: "text", text: HOSTILE }] };

const it = base.extend("seen", { scope: "file" }, ({ box }) => {
  /** What a terminal gets, stdout and stderr together, without the sequences that are our own. */
  return (command: string, env: NodeJS.ProcessEnv = {}): string => {
    const { stdout } = spawnSync("script", ["-qec", command.replaceAll("lockstep ", `${CLI} `), "/dev/null"], {
      encoding: "utf8",
      env: { ...process.env, LOCKSTEP_DIR: box.dir, TERM: "xterm", HOSTILE, ...env },
      cwd: box.root,
      timeout: COMMAND_MS,
    });
    return stdout.replace(/\u001b\[(?:\d*m|2K|\?1049[hl]|\?25[hl]|H|K|J)/g, "");
  };
});

it.beforeAll(async ({ box }) => {
  const server = (env: Record<string, unknown>) => ({
    command: process.execPath,
    args: [SERVER],
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, JSON.stringify(value)])),
  });
  const dying = {
    command: process.execPath,
    args: ["-e", `process.stderr.write(${JSON.stringify(LINE)}), process.exit(3)`],
  };
  box.writeServers({
    evil: server({
      SCHEMAS: { [LINE]: tool, typed: tool },
      RESULTS: {
        text: JSON.stringify(result),
        raw: `{"content":[],"structuredContent":{"a":"${RAW}"}}`,
        failed: JSON.stringify({ ...result, isError: true }),
        link: JSON.stringify({ content: [{ type: "resource_link", uri: LINE, name: LINE }] }),
      },
      ERRORS: { refused: { code: -32000, message: LINE } },
      PROGRESS: LINE,
    }),
    unlisted: server({ ERRORS: { "tools/list": { code: -32603, message: LINE } } }),
    crashing: server({ RESULTS: { crash: `crash: ${LINE}` } }),
    dying,
  });
  await box.run(["call", "evil", "text"]);
  await box.run(["call", "dying", "x"]);
  const log = join(box.dir, "serve.log");
  appendFileSync(log, `${HOSTILE}\n2026-11-27T10:00:00.000+00:00 event daemon: ${HOSTILE}\n`);
  await until("the log has it", () => box.log().includes("owned"));
});

describe("text from outside cannot control a terminal", () => {
  it.for([
    ["a result", "lockstep call evil text"],
    ["a failed result", "lockstep call evil failed"],
    ["a link in a result", "lockstep call evil link"],
    ["structured content", "lockstep call evil raw"],
    ["a result as JSON, of the short way", "lockstep call evil text --json"],
    ["a result as JSON, of the full way", "lockstep call evil raw --json"],
    ["an error response", "lockstep call evil refused"],
    ["an error response as JSON", "lockstep call evil refused --json"],
    ["the names of the tools that a server has", "lockstep call evil unknown"],
    ["the arguments that a tool has", "lockstep call evil typed n=x"],
    ["an argument that a tool does not have", "lockstep call evil typed m=x"],
    ["an argument of the user", 'lockstep call evil typed "$HOSTILE=x"'],
    ["the tool that the user named", 'lockstep call evil "$HOSTILE" a=1'],
    ["the server that the user named", 'lockstep call "$HOSTILE" a'],
    ["the command that the user named", 'lockstep "$HOSTILE"'],
    ["a list that fails", "lockstep call unlisted x a=1"],
    ["the tools of a server", "lockstep tools evil"],
    ["the tools of a server as JSON", "lockstep tools evil --json"],
    ["the tools of all servers", "lockstep tools"],
    ["the last words of a server", "lockstep call dying x"],
    ["the last words of a server that dies during a call", "lockstep call crashing crash"],
    ["the servers", "lockstep servers"],
    ["the status", "lockstep status"],
    ["the status as JSON", "lockstep status --json"],
    ["the status as it changes", "timeout --foreground -s INT 2 lockstep status --watch"],
    ["the log", "lockstep logs"],
    ["the log as JSON", "lockstep logs --json"],
    ["the breadcrumbs", "lockstep logs --breadcrumbs"],
    ["the check of everything", "lockstep doctor"],
    ["the trace", "LOCKSTEP_TRACE=1 lockstep call evil raw"],
  ])("%s shows control characters as text: %s", ([_what, command = ""], { seen }) => {
    const text = seen(command);
    expect(text.length).toBeGreaterThan(20);
    expect(text.match(/[^\P{Cc}\r\n\t]|[\u2028\u202a-\u202e\u2066-\u2069]/gu)).toBeNull();
  });

  it.for([
    ["an error response", "lockstep call evil refused"],
    ["the names of the tools that a server has", "lockstep call evil unknown"],
    ["the arguments that a tool has", "lockstep call evil typed n=x"],
    ["a list that fails", "lockstep call unlisted x a=1"],
    ["the tools of a server", "lockstep tools evil"],
    ["the tools of all servers", "lockstep tools"],
    ["the last words of a server", "lockstep call dying x"],
    ["the last words of a server that dies during a call", "lockstep call crashing crash"],
    ["the servers", "lockstep servers"],
    ["the check of everything", "lockstep doctor"],
    ["the progress of a call", "lockstep call evil text"],
  ])("%s: no line of it looks like one of ours", ([_what, command = ""], { seen }) => {
    expect(seen(command)).not.toMatch(/^\s*lockstep: all is well/m);
  });

  it("JSON on a terminal holds the same text", ({ seen }) => {
    const text = seen("lockstep call evil raw --json");
    // Its progress came before it.
    const printed = JSON.parse(text.slice(text.indexOf("{"))) as { structuredContent: unknown };
    expect(printed.structuredContent).toEqual({ a: RAW });
  });

  it("a result that is piped stays as it is, and an error does not", async ({ box }) => {
    expect(await box.run(["call", "evil", "text"])).toMatchObject({ code: 0, stdout: `${HOSTILE}\n` });
    const refused = await box.run(["call", "evil", "refused"]);
    expect(refused.stderr).toMatch(/^lockstep: evil refused: .*owned.* lockstep: all is well\n$/);
    expect(refused.stderr).not.toContain("\u001b");
  });
});
