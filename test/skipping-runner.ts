import { TestRunner } from "vitest";
import type { VitestRunner } from "vitest/runners";
import { relative } from "node:path";
import { whyNotRunnable } from "../build/setup/test-files.mjs";

type Files = Parameters<NonNullable<VitestRunner["onCollected"]>>[0];
type Task = Files[number] | Files[number]["tasks"][number];

/**
 * Skips the files whose tests need a program that this machine does not have, instead of letting them fail. vitest counts
 * the tests as skipped; which program it is, `npm test` prints.
 */
// vitest takes the default export of this file.
// eslint-disable-next-line no-restricted-syntax
export default class SkippingRunner extends TestRunner implements VitestRunner {
  onCollected(files: Files): void {
    for (const file of files) {
      if (whyNotRunnable(relative(process.cwd(), file.filepath)) !== undefined) skip(file);
    }
  }
}

function skip(task: Task): void {
  task.mode = "skip";
  if ("tasks" in task) task.tasks.forEach(skip);
}
