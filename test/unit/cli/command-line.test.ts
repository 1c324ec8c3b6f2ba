import { describe, expect, it } from "vitest";

import { readCommandLine } from "../../../src/cli/command-line.js";
import { UsageError } from "../../../src/cli/exit-code.js";
import { readPlainCall } from "../../../src/cli/call/plain-call.js";

const read = (line: string) => readCommandLine(line.split(" ").filter((word) => word !== ""));

describe("a command line", () => {
  it("global options are accepted before and after the command", () => {
    const expected = { json: true, quiet: true, dir: "/d", help: false };
    expect(read("--json --dir /d status -q").global).toEqual(expected);
    expect(read("status --quiet --dir=/d --json").global).toEqual(expected);
  });

  it("the value of --dir is not taken for the command", () => {
    expect(read("--dir stop status").command).toBe("status");
  });

  it("words after -- are kept apart", () => {
    const line = read("add files --env A=1 --env B=2 -- npx -y server --flag");
    expect(line).toMatchObject({
      command: "add",
      options: { env: ["A=1", "B=2"] },
      positionals: ["files"],
      behindDashes: ["npx", "-y", "server", "--flag"],
    });
  });

  it("a command line without a command shows help", () => {
    expect(read("").command).toBe("help");
    expect(read("--help")).toMatchObject({ command: "help", global: { help: true } });
  });

  it("--version without a command shows the version", () => {
    expect(read("--version --json")).toMatchObject({ command: "version", global: { json: true } });
    expect(read("status --version")).toMatchObject({ command: "status", options: { version: true } });
  });

  it.each([
    ["stats", 'unknown command "stats"; did you mean "status"?'],
    ["tsatus", 'did you mean "status"?'],
    ["frobnicate", "see: lockstep --help"],
    ["status --wacth", '"status" has no option --wacth; did you mean "--watch"?'],
    ["status -x", '"status" has no option -x'],
    ["logs -n", "the option --lines needs a value"],
    ["status --watch=yes", "the option --watch takes no value"],
    ["call memory", '"call" needs TOOL: lockstep call SERVER TOOL'],
    ["call", '"call" needs SERVER and TOOL'],
    ["status now", '"status" does not accept "now"'],
    ["add name npx -y thing", '"add" has no option -y'],
  ])("%s is refused with a hint", (line, message) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(message);
  });

  it("--help is shown even if arguments are missing", () => {
    expect(read("call --help")).toMatchObject({ command: "call", global: { help: true } });
  });
});

describe("the warm path", () => {
  it.each([
    ["call s t", { server: "s", tool: "t", arguments: "{}", json: false }],
    ["call s t --json", { server: "s", tool: "t", arguments: "{}", json: true }],
    ['call s t {"a":1}', { server: "s", tool: "t", arguments: '{"a":1}', json: false }],
    ["call s t a=1 b=2", { server: "s", tool: "t", arguments: ["a=1", "b=2"], json: false }],
  ])("%s", (line, call) => {
    expect(readPlainCall(line.split(" "))).toEqual(call);
  });

  it.each([
    "status",
    "call s",
    "call s t -",
    "call s t --timeout 3",
    "call s t word",
    "call s t {oops",
    "call s t {} {}",
    "call --help s",
  ])("not %s", (line) => {
    expect(readPlainCall(line.split(" "))).toBeUndefined();
  });
});
