import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { it as base } from "../../fixtures/it/with-shared-box.js";
import { until } from "../../fixtures/sandbox.js";
import { counter, executions } from "../../fixtures/servers/counting-server.js";

const EVERYTHING = resolve("node_modules/@modelcontextprotocol/server-everything/dist/index.js");

const it = base
  .extend("counted", { scope: "file" }, ({ box }) => join(box.root, "counted"))
  .extend("call", { scope: "file" }, ({ box }) => {
    return (...words: string[]) => box.run(["call", ...words]);
  })
  .extend("slowCall", { scope: "file" }, ({ box }) => {
    return (id: string, env: NodeJS.ProcessEnv = {}) =>
      box.spawn(["call", "counter", "slow", JSON.stringify({ ms: 60_000, id })], { env });
  })
  .extend("nothingIsLeft", { scope: "file" }, ({ box }) => {
    return () =>
      until("the daemon has nothing to wait for", async () => {
        const { stdout } = await box.run(["status", "--json"]);
        return (JSON.parse(stdout) as { inFlight: number }).inFlight === 0;
      });
  })
  .extend("onTerminal", { scope: "file" }, ({ box }) => {
    return (command: string) =>
      spawnSync("script", ["-qec", command, "/dev/null"], {
        encoding: "utf8",
        env: { ...process.env, LOCKSTEP_DIR: box.dir, TERM: "xterm" },
        cwd: box.root,
      }).stdout;
  });

it.beforeAll(async ({ box, counted }) => {
  box.writeServers({
    counter: counter({ COUNTER_FILE: counted }),
    everything: { command: process.execPath, args: [EVERYTHING, "stdio"] },
  });
  await box.run(["call", "everything", "echo", '{"message":"warm"}']);
});

describe("arguments", () => {
  it.for<[string, string[], string]>([
    ["key=value arguments get their types from the schema", ["get-sum", "a=2", "b=40"], "The sum of 2 and 40 is 42.\n"],
    ["JSON arguments are sent unchanged", ["get-sum", '{"a":1,"b":2}'], "The sum of 1 and 2 is 3.\n"],
    ["arguments with := are parsed as JSON", ["get-sum", "a:=1.5", "b=0.5"], "The sum of 1.5 and 0.5 is 2.\n"],
  ])("%s", async ([_title, words, stdout], { call }) => {
    expect(await call("everything", ...words)).toMatchObject({ code: 0, stdout, stderr: "" });
  });

  it("arguments are read from stdin", async ({ box }) => {
    const result = await box.run(["call", "everything", "echo", "-"], { input: '{"message":"piped"}' });
    expect(result).toMatchObject({ code: 0, stdout: "Echo: piped\n" });
  });

  it("an argument can take its text from a file", async ({ box, call }) => {
    const file = join(box.root, "poem.txt");
    writeFileSync(file, "roses are red\n");
    expect(await call("everything", "echo", `message=@${file}`)).toMatchObject({
      code: 0,
      stdout: "Echo: roses are red\n",
    });
  });

  it("arguments stay untyped where the schema says nothing, also on later pages of tools", async ({ call }) => {
    expect(await call("counter", "echo", "n=1", "deep.key=x")).toMatchObject({
      code: 0,
      stdout: '{"n":1,"deep":{"key":"x"}}\n',
    });
  });

  it("all invalid arguments are listed, with exit 2", async ({ call }) => {
    const result = await call("everything", "get-sum", "a=two", "c=3");
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr.split("\n")).toEqual([
      'lockstep: everything get-sum: a: expected number, given "two"',
      "c: unknown argument; known: a, b",
      "b: required (number)",
      "see: lockstep tools everything",
      "",
    ]);
  });
});

describe("a result", () => {
  it("--json prints the whole result", async ({ call }) => {
    const { stdout } = await call("everything", "echo", '{"message":"hi"}', "--json");
    expect(JSON.parse(stdout)).toEqual({ content: [{ type: "text", text: "Echo: hi" }] });
  });

  it("an image in a result is saved to a private file", async ({ call }) => {
    const { code, stdout } = await call("everything", "get-tiny-image");
    const path = stdout.split("\n").find((line) => line.endsWith(".png")) ?? "";
    try {
      expect(code).toBe(0);
      expect(path).toMatch(/lockstep-get-tiny-image-\d+\.png$/);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readFileSync(path).subarray(1, 4).toString()).toBe("PNG");
    } finally {
      rmSync(path, { force: true });
    }
  });

  it("links in a result are printed", async ({ call }) => {
    const { stdout } = await call("everything", "get-resource-links", "count=2");
    expect(stdout.match(/^demo:\S+/gm)).toHaveLength(2);
  });

  it("a result of any size arrives complete, even through a slow pipe", async ({ box }) => {
    const cli = resolve("dist/cli.js");
    const command = `"${process.execPath}" "${cli}" call counter large '{"bytes":5000000}' | { sleep 0.2; wc -c; }`;
    const { stdout } = spawnSync("bash", ["-c", command], {
      encoding: "utf8",
      env: { ...process.env, LOCKSTEP_DIR: box.dir },
    });
    expect(stdout.trim()).toBe("5000001");
  });

  it("a reader that closes the pipe ends the program silently", ({ box }) => {
    const cli = resolve("dist/cli.js");
    const command = `"${process.execPath}" "${cli}" call counter large '{"bytes":5000000}' | head -c 3; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", command], {
      encoding: "utf8",
      env: { ...process.env, LOCKSTEP_DIR: box.dir },
    });
    expect(stdout).toBe("xxx 0\n");
    expect(stderr).toBe("");
  });
});

describe("what goes wrong", () => {
  it("an error in the tool exits with 5 and prints its text on stdout", async ({ call }) => {
    expect(await call("counter", "fail")).toMatchObject({ code: 5, stdout: "it failed\n", stderr: "" });
    expect(await call("counter", "fail", "--json")).toMatchObject({
      code: 5,
      stdout: expect.stringContaining("isError") as string,
    });
  });

  it("an error response of the server exits with 5 and shows code and message", async ({ call }) => {
    const result = await call("counter", "refuse");
    expect(result).toMatchObject({ code: 5, stdout: "" });
    expect(result.stderr).toBe("lockstep: counter refuse: the server answered with error -32099: no such thing\n");
  });

  it("an unknown tool exits with 2 and lists the tools", async ({ call }) => {
    const result = await call("counter", "ecco");
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^lockstep: counter has no tool "ecco"; did you mean "echo"\? it has: echo, slow/);
    expect((await call("counter", "ecco", "a=1")).stderr).toBe(result.stderr);
  });

  it("an unknown server exits with 2 and lists the servers", async ({ call }) => {
    const result = await call("countre", "echo");
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/countre[\s\S]*counter[\s\S]*everything/);
  });

  it("a server that dies during the call exits with 1, outcome unknown", async ({ counted, call }) => {
    const result = await call("counter", "crash", '{"id":"once"}');
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("outcome unknown");
    expect(executions(counted, "crash")).toEqual(["crash once"]);
    await until("the server is back", async () => (await call("counter", "echo")).code === 0);
  });

  it("a call that exceeds --timeout exits with 1, outcome unknown", async ({ call }) => {
    const result = await call("counter", "slow", '{"ms":600000,"id":"late"}', "--timeout", "0.3");
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/no answer within 300 ms, so the call was cancelled; outcome unknown/);
  });

  it("an invalid --timeout exits with 2", async ({ call }) => {
    expect(await call("counter", "echo", "--timeout", "soon")).toMatchObject({ code: 2 });
  });
});

describe("ctrl-c", () => {
  it.for<[string, number]>([
    ["at once", 0],
    ["after a second", 1_500],
  ])("ctrl-c %s cancels the call and exits with 130", async ([_title, after], { counted, slowCall, nothingIsLeft }) => {
    const id = `interrupted-${after}-${Date.now()}`;
    const child = slowCall(id);
    const exit = once(child, "exit");
    await until("the call is running", () => executions(counted, "slow").includes(`slow ${id}`));
    const since = performance.now();
    await until("it has run for a while", () => performance.now() - since >= after);
    child.kill("SIGINT");
    expect(await exit).toEqual([130, null]);
    await nothingIsLeft();
  });

  it("ctrl-c during the hand-over to the full client is not lost", async ({ slowCall, nothingIsLeft }) => {
    const env = {
      NODE_OPTIONS: `--require "${resolve("test/fixtures/interrupt-at-load.cjs")}"`,
      INTERRUPT_AT: "commands.js",
    };
    expect(await once(slowCall(`handed-over-${Date.now()}`, env), "exit")).toEqual([130, null]);
    await nothingIsLeft();
  });
});

describe("on a terminal", () => {
  const cli = `"${process.execPath}" "${resolve("dist/cli.js")}"`;

  it("progress on a terminal is one line, rewritten and then erased", ({ onTerminal }) => {
    const seen = onTerminal(`${cli} call counter progress '{"steps":3}'`);
    expect(seen).toContain("1/3 (33 %)");
    expect(seen).toMatch(/\r\u001b\[2K\r\u001b\[2K.*done|\r\u001b\[2Kdone/s);
  });

  it("control characters in a tool's text have no effect on a terminal", ({ onTerminal }) => {
    expect(onTerminal(`${cli} call everything echo '{"message":"\\u001b[2J"}'`)).toContain("Echo: \\u001b[2J");
  });
});
