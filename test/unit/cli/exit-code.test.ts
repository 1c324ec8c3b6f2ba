import { expect, it } from "vitest";

import { exitCodeOf, InterruptedError, OutputClosedError, ToolError, UsageError } from "../../../src/cli/exit-code.js";
import { OutcomeUnknownError } from "../../../src/client/follow/delivery.js";
import { LifecycleError, RefusedError, UnresponsiveError } from "../../../src/client/lifecycle-errors.js";
import { DirectoryError } from "../../../src/state/directory.js";

it.each<[string, unknown, number]>([
  ["a closed stdout", new OutputClosedError(""), 0],
  ["an unexpected error", new TypeError(""), 1],
  ["a daemon that does not start", new LifecycleError(""), 1],
  ["an unusable state directory", new DirectoryError(""), 1],
  ["an unknown outcome", new OutcomeUnknownError(""), 1],
  ["a thrown value that is not an Error", "text", 1],
  ["wrong usage", new UsageError(""), 2],
  ["a refusal", new RefusedError(""), 3],
  ["an unresponsive daemon", new UnresponsiveError(""), 4],
  ["a tool's own error", new ToolError(""), 5],
  ["ctrl-c", new InterruptedError(""), 130],
])("%s has its exit code", (_title, error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
