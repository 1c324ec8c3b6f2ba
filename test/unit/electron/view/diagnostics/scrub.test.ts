import { expect, it } from "vitest";
import { scrubbed, type Private } from "../../../../../electron/view/diagnostics/scrub.js";
import { onSlowest } from "../../../../fixtures/bounds.js";

const PRIVATE: Private = { home: "/home/ada", user: "ada", host: "engine-7", secrets: ["hunter2-hunter2"] };

it.each([
  ["/home/ada/.lockstep and /home/ada", "~/.lockstep and ~"],
  ["/home/adaline/x", "/home/adaline/x"],
  ["user ada@engine-7", "user [user]@[host]"],
  ["OPENAI_API_KEY=abc123 next", "OPENAI_API_KEY=[hidden] next"],
  ['{"token": "abc def", "n": 1}', '{"token": "[hidden] def", "n": 1}'],
  ["password: swordfish, x", "password: [hidden], x"],
  ["Authorization: Bearer abc.def", "Authorization: [hidden]"],
  ["sent Bearer abcdefgh1234", "sent Bearer [hidden]"],
  ["--api-key s3cr3t go", "--api-key [hidden] go"],
  ["https://ada:pw@example.org/p", "https://[hidden]@example.org/p"],
  ["key sk-abcdefghijklmnop1234", "key [hidden]"],
  ["ghp_abcdefghijklmnopqrstuvwx", "[hidden]"],
  ["eyJhbGciOiJI.eyJzdWIiOiIx.abc", "[hidden]"],
  ["known hunter2-hunter2!", "known [hidden]!"],
  ["tokens are nice, monkey=banana", "tokens are nice, monkey=banana"],
  ["pid=48213 buildId=b14", "pid=48213 buildId=b14"],
])("scrubbing turns %j into %j", (text, clean) => {
  expect(scrubbed(text, PRIVATE)).toBe(clean);
});

it("scrubbing keeps names that are too common to be private", () => {
  expect(scrubbed("root on localhost", { ...PRIVATE, user: "root", host: "localhost", home: "/" })).toBe(
    "root on localhost",
  );
});

it("scrubbing a line of megabytes takes less than a second", () => {
  const began = performance.now();
  scrubbed(`${"key-".repeat(500_000)}\n${"a".repeat(2_000_000)}`, PRIVATE);
  expect(performance.now() - began).toBeLessThan(onSlowest(1_000));
});
