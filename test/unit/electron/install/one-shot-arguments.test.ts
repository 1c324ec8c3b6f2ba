import { expect, it } from "vitest";
import { HIDDEN_FLAG, lastingArguments } from "../../../../electron/install/one-shot-arguments.js";
import { UPDATE_FLAG } from "../../../../src/install/update-protocol.js";

it.each<[string, string[], string[]]>([
  ["nothing", [], []],
  ["the start at login", [HIDDEN_FLAG], []],
  ["the command line's request for an update", [`${UPDATE_FLAG}/h/.lockstep/u12.sock`], []],
  [
    "both, among the user's own",
    ["--no-sandbox", HIDDEN_FLAG, `${UPDATE_FLAG}/x`, "--lang=de"],
    ["--no-sandbox", "--lang=de"],
  ],
  ["a checkout's directory", [".", HIDDEN_FLAG], ["."]],
])("a relaunched app is not given again what concerned one start only: %s", (_, argv, given) => {
  expect(lastingArguments(argv)).toEqual(given);
});
