import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { FACT_MS } from "../../fixtures/bounds.js";
import { it as base } from "../../fixtures/it/with-shared-box.js";
import { until } from "../../fixtures/sandbox.js";

const SERVER = resolve("test/fixtures/servers/schema-server.mjs");
const TYPED = { typed: { properties: { id: { type: "string" } }, required: ["id"] } };

const it = base.extend("calls", { scope: "file" }, ({ box }) => join(box.root, "calls"));

it.beforeAll(async ({ box, calls }) => {
  const server = (env: Record<string, unknown>) => ({
    command: process.execPath,
    args: [SERVER],
    env: Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
  });
  box.writeServers({
    plain: server({
      SCHEMAS: TYPED,
      RESULTS: { slow: "never" },
      ERRORS: { refused: { code: -32099, message: "no" } },
      CALLS: calls,
    }),
    picky: server({ SCHEMAS: { known: {} }, UNLISTED: "yes" }),
    unlisted: server({ ERRORS: { "tools/list": { code: -32603, message: "fetch failed" } } }),
    silent: server({ SCHEMAS: TYPED, LIST: "never", CALLS: `${calls}-silent` }),
    stuck: server({ SCHEMAS: { a: {}, b: {}, c: {} }, CURSOR: "stuck", CALLS: `${calls}-stuck` }),
    pages: server({ SCHEMAS: { first: {}, second: {} }, CURSOR: "empty" }),
    last: server({ SCHEMAS: { only: {} }, CURSOR: "last" }),
    dying: { command: process.execPath, args: ["-e", "process.exit(3)"] },
  });
  await box.run(["call", "plain", "typed", "id=1"]);
});

describe("with --json an error is one object on stdout", () => {
  it.for<[what: string, words: string[], error: object]>([
    ["an unknown command", ["calll"], { exitCode: 2, code: null }],
    ["an unknown option", ["status", "--nope"], { exitCode: 2, code: null }],
    ["a missing word", ["call", "plain"], { exitCode: 2, code: null }],
    ["an unknown server", ["call", "nope", "t"], { exitCode: 2, code: -32012, delivered: false }],
    ["the tools of an unknown server", ["tools", "nope"], { exitCode: 2, code: -32012, delivered: false }],
    ["an unknown tool", ["call", "picky", "error-32601"], { exitCode: 2, code: null }],
    ["an unknown argument", ["call", "plain", "typed", "ids=1"], { exitCode: 2, code: null }],
    ["invalid JSON", ["call", "plain", "typed", "{oops"], { exitCode: 2, code: null }],
    ["an error response", ["call", "plain", "refused"], { exitCode: 5, code: -32099 }],
    ["a server that does not start", ["call", "dying", "t"], { exitCode: 1, code: -32010, delivered: false }],
    ["a list that fails", ["tools", "unlisted"], { exitCode: 1, code: -32603 }],
    ["a list that does not come", ["tools", "silent", "--timeout", "0.5"], { exitCode: 1, code: null }],
    [
      "a call that takes too long",
      ["call", "plain", "slow", "--timeout", "0.5"],
      { exitCode: 1, code: null, delivered: true, outcome: "unknown" },
    ],
    ["a name that is taken", ["add", "plain", "--", "x"], { exitCode: 1, code: null }],
    ["a server that cannot be removed", ["remove", "nope"], { exitCode: 1, code: null }],
    ["a wrong number", ["logs", "-n", "many"], { exitCode: 2, code: null }],
    ["an unknown shell", ["completion", "tcsh"], { exitCode: 2, code: null }],
    ["an unknown topic", ["help", "nope"], { exitCode: 2, code: null }],
    ["a wrong time", ["stop", "--timeout", "soon"], { exitCode: 2, code: null }],
  ])("%s", async ([_what, words, error], { box }) => {
    const { code, stdout, stderr } = await box.run(words.includes("--") ? ["--json", ...words] : [...words, "--json"]);
    const printed = JSON.parse(stdout) as { error: { message: string; exitCode: number } };
    expect(printed).toEqual({ error: { message: expect.any(String) as string, ...error } });
    expect(code).toBe(printed.error.exitCode);
    expect(stderr).toContain(printed.error.message.split("\n")[0]);
  });

  it("tools --json has the error of a server in its place", async ({ box }) => {
    const { code, stdout } = await box.run(["tools", "--json", "--timeout", "5"]);
    const all = JSON.parse(stdout) as Record<string, unknown>;
    expect(code).toBe(1);
    expect(all).toMatchObject({
      plain: [{ name: "typed" }, { name: "slow" }, { name: "refused" }],
      silent: { error: {} },
    });
    expect(all["unlisted"]).toMatchObject({ error: { message: expect.stringContaining("fetch failed") as string } });
  });

  it("ctrl-c is an error like every other", async ({ box, calls }) => {
    for (const words of [["slow"], ["slow", "--timeout", "60"]]) {
      const before = existsSync(calls) ? readFileSync(calls, "utf8").split("call slow").length : 1;
      const child = box.spawn(["call", "plain", ...words, "--json"]);
      let stdout = "";
      child.stdout?.on("data", (chunk) => (stdout += String(chunk)));
      const end = once(child, "close");
      await until("the call runs", () => readFileSync(calls, "utf8").split("call slow").length > before);
      child.kill("SIGINT");
      expect(await end).toEqual([130, null]);
      const error = { message: "interrupted", exitCode: 130, code: null, delivered: true, outcome: "unknown" };
      expect(JSON.parse(stdout)).toEqual({ error });
    }
    await until("both calls are cancelled at the server", () => {
      return (readFileSync(calls, "utf8").match(/^cancelled$/gm) ?? []).length >= 2;
    });
  });
});

it.for([-32600, -32601, -32602, -32603, -32000])(
  "a tool that the server does not list exits with 2, though its answer is error %i",
  async (code, { box }) => {
    const result = await box.run(["call", "picky", `error${code}`]);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toBe(`lockstep: picky has no tool "error${code}"; it has: known\n`);
  },
);

it("a failed result for a tool that the server does not list exits with 2", async ({ box }) => {
  expect(await box.run(["call", "picky", "failed"])).toMatchObject({ code: 2, stdout: "" });
});

it("ctrl-c while a list is awaited exits with 130, and cancels it at the server", async ({ box, calls }) => {
  const recorded = (line: string): number =>
    existsSync(`${calls}-silent`) ? readFileSync(`${calls}-silent`, "utf8").split(line).length : 1;
  for (const words of [
    ["tools", "silent"],
    ["call", "silent", "typed", "id=1"],
  ]) {
    const before = { lists: recorded("list"), cancelled: recorded("cancelled") };
    const child = box.spawn(words);
    const end = once(child, "close");
    await until("the list is asked for", () => recorded("list") > before.lists);
    child.kill("SIGINT");
    expect(await end).toEqual([130, null]);
    await until("the server knows", () => recorded("cancelled") > before.cancelled);
  }
});

describe("a list of tools that fails", () => {
  it("a call with key=value says that the tool was not called", async ({ box }) => {
    const result = await box.run(["call", "unlisted", "get", "a=1"]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toBe(
      "lockstep: unlisted: the server answered tools/list with error -32603: fetch failed, so get was not called\n",
    );
  });

  it("tools names the server and the request", async ({ box }) => {
    const { stderr } = await box.run(["tools", "unlisted"]);
    expect(stderr).toBe("lockstep: unlisted: the server answered tools/list with error -32603: fetch failed\n");
  });
});

describe("--timeout", () => {
  it("covers the list of tools that a call needs", async ({ box }) => {
    const result = await box.run(["call", "silent", "typed", "id=1", "--timeout", "0.5"]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toBe(
      "lockstep: silent typed: the server was not ready within 500 ms, so the tool was not called\n",
    );
    expect(result.ms).toBeLessThan(FACT_MS);
  });

  it("bounds the lists of all servers, and none hides the others", async ({ box }) => {
    const { code, stdout, stderr } = await box.run(["tools", "--timeout", "3"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^plain\n {2}typed$/m);
    expect(stderr).toContain("silent: it did not list its tools within 3 s; --timeout S sets another bound");
  });
});

describe("pages of tools", () => {
  it("a cursor that never advances ends the list", async ({ box, calls }) => {
    const requests = (): number => readFileSync(`${calls}-stuck`, "utf8").match(/^list$/gm)?.length ?? 0;
    await box.run(["call", "stuck", "a", "n=1"]);
    const before = requests();
    const { stdout } = await box.run(["tools", "stuck", "--json"]);
    expect((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(requests() - before).toBe(2);
  });

  it("a tool behind an empty cursor is listed, and can be called with key=value", async ({ box }) => {
    const { stdout } = await box.run(["tools", "pages", "--json"]);
    expect((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)).toEqual(["first", "second"]);
    expect(await box.run(["call", "pages", "second", "a=1"])).toMatchObject({ code: 0, stdout: '{"a":1}\n' });
  });

  it("an empty cursor that marks the end is no error", async ({ box }) => {
    const { code, stdout } = await box.run(["tools", "last"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "  only\n" });
  });
});

describe("a reader that has seen enough", () => {
  it.for([
    ["status --watch", "status --watch | head -1"],
    ["status --watch --json", "status --watch --json | head -1"],
    ["logs -f", "logs -f | head -1"],
    ["tools", "tools plain | head -1"],
    ["servers", "servers | true"],
    ["help", "help | true"],
  ])("ends %s, without an error", async ([_what, command], { box }) => {
    const { spawn } = await import("node:child_process");
    const script = `"${process.execPath}" "${resolve("dist/cli.js")}" ${command}; echo "\${PIPESTATUS[0]}" >&2`;
    const child = box.track(
      spawn("bash", ["-c", script], {
        env: { ...process.env, LOCKSTEP_DIR: box.dir },
        cwd: box.root,
        stdio: ["ignore", "ignore", "pipe"],
      }),
    );
    let stderr = "";
    child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
    await once(child, "close");
    expect(stderr).toBe("0\n");
  });
});
