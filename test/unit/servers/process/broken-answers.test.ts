import { describe, expect, it } from "vitest";

import { readOutput } from "../../../../src/servers/process/read-output.js";
import { counter, eventually, ServersUnderTest, type Message, type TestClient } from "../hosted.js";

const RESULT = '"result":{"content":[{"type":"text","text":"fine"}]}';
const DEEP = `${"[".repeat(2000)}${"]".repeat(2000)}`;

/** What a server prints in place of an answer; @ID@ is the request's id. A reason is the error's; else the text arrives. */
const PRINTED: [what: string, bytes: string, expected: { error: RegExp } | { text: string }][] = [
  ["not UTF-8", `{"jsonrpc":"2.0","id":@ID@,"result":{"content":"caf\xe9"}}\n`, { error: /not valid UTF-8/ }],
  ["not UTF-8, with its id last", `{"result":{"a":"\xff"},"jsonrpc":"2.0","id":@ID@}\n`, { error: /not valid UTF-8/ }],
  ["NaN", `{"jsonrpc":"2.0","id":@ID@,"result":{"a":NaN}}\n`, { error: /holds NaN, which is not JSON/ }],
  ["-Infinity", `{"result":{"a":-Infinity},"jsonrpc":"2.0","id":@ID@}\n`, { error: /holds Infinity/ }],
  ["a doubled key", `{"jsonrpc":"2.0","id":@ID@,"result":{},"result":{}}\n`, { error: /has "result" twice/ }],
  ["a doubled id", `{"jsonrpc":"2.0","id":7,"id":@ID@,"result":{}}\n`, { error: /has "id" twice/ }],
  ["too deep a nesting", `{"jsonrpc":"2.0","id":@ID@,"result":{"a":${DEEP}}}\n`, { error: /nested more than 1000/ }],
  [
    "a result and an error",
    `{"jsonrpc":"2.0","id":@ID@,"result":{},"error":{"code":1,"message":""}}\n`,
    { error: /both/ },
  ],
  ["neither result nor error", `{"jsonrpc":"2.0","id":@ID@}\n`, { error: /neither a result nor an error/ }],
  ["no version", `{"id":@ID@,"result":{}}\n`, { error: /has no "jsonrpc": "2.0"/ }],
  ["a message cut off", `{"jsonrpc":"2.0","id":@ID@,"result":{"content":[{"ty\n`, { error: /ends too early/ }],
  ["a message cut off before its id", `{"result":{"content":[{"type":"te\n`, { error: /ends too early/ }],
  ["a raw control character", `{"jsonrpc":"2.0","id":@ID@,"result":{"a":"\x01"}}\n`, { error: /unexpected 0x01/ }],
  [
    "a raw line end in a string",
    `{"result":{"a":"x\ny"},"jsonrpc":"2.0","id":@ID@}\n`,
    { error: /ends too early|0x0a/ },
  ],
  ["an unescaped quote", `{"result":{"a":"say "hi" now"},"jsonrpc":"2.0","id":@ID@}\n`, { error: /unexpected/ }],
  ["several lines", `{\n  "jsonrpc": "2.0",\n  "id": @ID@,\n  "result": {}\n}\n`, { error: /several lines/ }],
  ["an id that is no id", `{"jsonrpc":"2.0","id":[@ID@],"result":{}}\n`, { error: /neither a string nor a number/ }],
  ["an id in the form of a text", `{"jsonrpc":"2.0","id":"@ID@",${RESULT}}\n`, { text: "fine" }],
  ["a batch", `[{"jsonrpc":"2.0","id":@ID@,${RESULT}}]\n`, { text: "fine" }],
  ["a batch that is not UTF-8", `[{"jsonrpc":"2.0","id":@ID@,"result":{"a":"\xe9"}}]\n`, { error: /UTF-8/ }],
  ["a byte order mark", `\xef\xbb\xbf{"jsonrpc":"2.0","id":@ID@,${RESULT}}\n`, { text: "fine" }],
  ["CRLF", `{"jsonrpc":"2.0","id":@ID@,${RESULT}}\r\n`, { text: "fine" }],
  ["a line with a heart", `\xf0\x9f\x92\x93 hi\n{"jsonrpc":"2.0","id":@ID@,${RESULT}}\n`, { text: "fine" }],
  [
    "a heart on every line",
    `\xf0\x9f\x92\x93\n\xf0\x9f\x92\x93\n{"jsonrpc":"2.0","id":@ID@,${RESULT}}\n`,
    { text: "fine" },
  ],
  [
    "two messages in one line",
    `{"jsonrpc":"2.0","method":"x"}{"jsonrpc":"2.0","id":@ID@,${RESULT}}\n`,
    { text: "fine" },
  ],
  ["text without a line end", `Loading… {"jsonrpc":"2.0","id":@ID@,${RESULT}}\n`, { text: "fine" }],
];

describe("a hosted server's answer that is no ordinary message", () => {
  it("ends its call at once, with the reason when it cannot be read", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    for (const [what, bytes, expected] of PRINTED) {
      const { result, error } = await print(client, bytes);
      if ("text" in expected) expect(result?.content?.[0]?.text, what).toBe(expected.text);
      else {
        expect(error?.message, what).toMatch(expected.error);
        expect(error, what).toMatchObject({
          code: -32011,
          data: { delivered: true, outcome: "unknown", server: "one" },
        });
        expect(error?.message, what).toContain('The server "one" sent an answer that ');
      }
    }
    expect(under.starts(), "the server goes on").toHaveLength(1);
    expect(under.servers.inFlight).toBe(0);
  });

  it("ends only its own call when others are open", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const [a, b] = [under.connect("one"), under.connect("one")];
    const slow = b.call("slow", { ms: 1_000, id: "b" });
    await eventually(() => expect(under.executed()).toContain("slow b"));
    expect((await print(a, '{"jsonrpc":"2.0","id":@ID@,"result":NaN}\n')).error?.message).toMatch(/NaN/);
    expect(await slow).toBe("slept 1000 ms, b");
  });

  it.each([
    ["with its id in front", "head"],
    ["with its id at the end", "tail"],
  ])("is skipped when it is longer than 64 MiB, %s, and the server goes on", async (_how, where) => {
    const under = new ServersUnderTest({ one: counter() });
    const [a, b] = [under.connect("one"), under.connect("one")];
    const slow = b.call("slow", { ms: 1_000, id: "b" });
    await eventually(() => expect(under.executed()).toContain("slow b"));
    const answer = await a.request("tools/call", { name: "huge", arguments: { where } });
    expect(answer.error?.message).toBe(
      'The server "one" sent an answer that is longer than the limit of 64 MiB. Whether the call took effect is unknown.',
    );
    expect(await slow).toBe("slept 1000 ms, b");
    expect(under.starts()).toHaveLength(1);
  });

  it("is delivered when the server exits without ending its last line", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const answer = await print(client, `{"jsonrpc":"2.0","id":@ID@,${RESULT}}`, { exit: true });
    expect(answer.result?.content?.[0]?.text).toBe("fine");
    const half = await print(client, `{"jsonrpc":"2.0","id":@ID@,"result":{"con`, { exit: true });
    expect(half.error?.message).toContain("exited with code 0 in the middle of a message");
  });

  it("fails the start at once when it answers initialize", async () => {
    const program = `process.stdin.once("data", () => console.log('{"jsonrpc":"2.0","id":"initialize","result":NaN}'));`;
    const under = new ServersUnderTest({ one: { command: process.execPath, args: ["-e", program] } });
    const { error } = await under.connect("one").request("tools/list");
    expect(error?.message).toContain('The server "one" could not be started: sent an answer that holds NaN');
  });

  it("is not taken for one of ours when it is a request of the server, which is refused", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const answer = await print(client, '{"jsonrpc":"2.0","id":@ID@,"method":"roots/list","params":NaN}\n', {
      answer: true,
    });
    expect(answer.result?.content?.[0]?.text).toMatch(/-32700.*NaN/);
  });
});

describe("a line of a server's output", () => {
  it.each([
    ["a greeting", "Welcome!"],
    ["other JSON", '{"level":"info","id":3}'],
    ["other JSON with a result", '{"result":"pending","attempt":3}'],
    ["a logged request", '-> {"jsonrpc":"2.0","id":3,"method":"tools/call"}'],
    ["a logged answer that was shortened", '<- {"jsonrpc":"2.0","id":3,"result":{"conte…'],
    ["an array of numbers", "[1,2]"],
    ["an empty array", "[]"],
    ["a heart", "💓"],
    ["a notification that is broken", '{"jsonrpc":"2.0","method":"notifications/message","params":NaN}'],
  ])("is other text when it is %s", (_what, line) => {
    const kinds = readOutput(Buffer.from(line)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== "other")).toEqual([]);
  });

  it("is read as all the messages that it holds", () => {
    const batch =
      '[{"jsonrpc":"2.0","id":1,"result":{}}, {"jsonrpc":"2.0","id":2,"result":NaN},{"jsonrpc":"2.0","method":"x"}]';
    expect(readOutput(Buffer.from(batch))).toMatchObject([
      { kind: "response", id: 1 },
      { kind: "broken answer", id: 2 },
      { kind: "notification", method: "x" },
    ]);
  });
});

function print(client: TestClient, bytes: string, options: object = {}): Promise<Message> {
  const base64 = Buffer.from(bytes, "latin1").toString("base64");
  return client.request("tools/call", { name: "print", arguments: { base64, ...options } });
}
