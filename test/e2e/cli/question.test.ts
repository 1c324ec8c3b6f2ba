import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "vitest";

import { it as base } from "../../fixtures/it/with-counter.js";
import { until, type Sandbox } from "../../fixtures/sandbox.js";

const FORM = {
  method: "elicitation/create",
  params: {
    message: "Which \u001b]0;owned\u0007colour?",
    requestedSchema: {
      type: "object",
      properties: { colour: { type: "string", enum: ["red", "blue"] }, sure: { type: "boolean", default: true } },
      required: ["colour"],
    },
  },
};

/** A command in a terminal of its own. */
class InTerminal {
  shown = "";
  readonly code: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(box: Sandbox, words: string[]) {
    const quoted = [process.execPath, resolve("dist/cli.js"), ...words]
      .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
      .join(" ");
    const env = { ...process.env, LOCKSTEP_DIR: box.dir };
    this.#child = box.track(spawn("script", ["-qec", quoted, "/dev/null"], { env, stdio: "pipe" }));
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.shown += chunk.toString()));
    this.code = new Promise((resolve) => this.#child.on("close", resolve));
  }

  async type(prompt: string, text: string): Promise<void> {
    await until(`the terminal shows "${prompt}"`, () => this.shown.includes(prompt));
    this.#child.stdin?.write(text);
  }
}

// Linux has `script -c`; that of macOS takes other arguments.
const it = process.platform === "linux" ? base : base.skip;

it.for([
  ["a warm daemon", true],
  ["a daemon that starts for the call", false],
] as const)(
  "a server's form is filled in on the terminal of lockstep call, with %s",
  async ([_what, isWarm], { box }) => {
    if (isWarm) await box.run(["call", "counter", "echo"]);
    const terminal = new InTerminal(box, ["call", "counter", "ask", JSON.stringify(FORM)]);
    await terminal.type("colour - a number: ", "9\n");
    await terminal.type("choose a number from 1 to 2", "2\n");
    await terminal.type("sure - yes or no [yes]: ", "\n");
    await terminal.type("Send this? [Y/n] ", "y\n");
    expect(await terminal.code).toBe(0);
    expect(terminal.shown).toContain('"content":{"colour":"blue","sure":true}');
    expect(terminal.shown).toContain('The server "counter" asks: Which \\u001b]0;owned\\u0007colour?');
  },
);

it("a question on the terminal is declined with no, and Ctrl-C ends the call", async ({ box, counted }) => {
  const declining = new InTerminal(box, ["call", "counter", "drop"]);
  await declining.type("Do you agree? [y/N] ", "no\n");
  expect(await declining.code).toBe(0);
  expect(declining.shown).toContain("kept");
  const interrupted = new InTerminal(box, ["call", "counter", "drop"]);
  await interrupted.type("Do you agree? [y/N] ", "\u0003");
  expect(await interrupted.code).toBe(130);
  await until("the call was cancelled", () => readFileSync(counted, "utf8").includes("cancelled"));
});

it("a question is declined without a terminal, which stderr says, and the call goes on", async ({ box }) => {
  for (const how of ["cold", "warm"]) {
    const call = await box.run(["call", "counter", "drop"]);
    expect(call, how).toMatchObject({ code: 0, stdout: "kept\n" });
    expect(call.stderr, how).toMatch(/lockstep: The server "counter" asked the question "Really\?"\. It was declined/);
  }
});
