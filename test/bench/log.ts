import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LOG_KEEP, logFile, type LogPosition } from "../../src/log/files.js";
import { createLogRequests } from "../../electron/daemon/log-requests.js";
import { readLastLines } from "../../src/log/reader.js";
import { interleaved, row } from "./measure.js";

const GIGABYTE = 1024 ** 3;

/** The last 200 lines of a log of 1 GB, over those of one of 1 KB; and the window's search for one letter. */
export async function benchLog(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const small = join(dir, "small.log");
    const large = join(dir, "large.log");
    write(small, 1024);
    write(large, GIGABYTE);
    const read = async (path: string): Promise<number> => {
      const started = performance.now();
      await readLastLines(path, 200);
      return performance.now() - started;
    };
    const times = await interleaved(50, { small: () => read(small), large: () => read(large) });
    row("last 200 lines of 1 KB", times.small);
    row("last 200 lines of 1 GB (budget 5 ms)", times.large);
    if (times.large.median > 5) process.exitCode = 1;
    rmSync(large);
    await benchSearch(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One letter, in a full log of which hardly a line is an event: the longest answer, and the longest block meanwhile. */
async function benchSearch(dir: string): Promise<void> {
  const log = join(dir, "serve.log");
  for (let age = 0; age <= LOG_KEEP; age++) write(logFile(log, age), 5 * 1024 ** 2);
  const nothing = (): void => undefined;
  const requests = createLogRequests(() => log, {
    view: { changed: nothing, navigate: nothing },
    command: {},
    log: { lines: nothing },
  });
  const answers: number[] = [];
  let longestBlock = 0;
  let turn = performance.now();
  const watch = setInterval(() => {
    longestBlock = Math.max(longestBlock, performance.now() - turn);
    turn = performance.now();
  }, 1);
  for (let before: LogPosition | undefined, first = true; first || before; first = false) {
    const asked = performance.now();
    const found = await requests.search({ daemon: "lockstep", needle: "e", before, breadcrumbsOnly: true });
    answers.push(performance.now() - asked);
    before = found.before;
  }
  clearInterval(watch);
  const longest = Math.max(...answers);
  console.log(`  one letter with "Events" in 20 MB: ${answers.length} answers, longest ${longest.toFixed(0)} ms`);
  console.log(`  (budget 200 ms), longest block ${longestBlock.toFixed(0)} ms`);
  if (longest > 200) process.exitCode = 1;
}

function write(path: string, bytes: number): void {
  const line = `2026-01-01T00:00:00.000+00:00 info memory: ${"x".repeat(80)}\n`;
  const block = line.repeat(Math.min(8_192, Math.ceil(bytes / line.length)));
  const fd = openSync(path, "w");
  for (let written = 0; written < bytes; written += block.length) writeSync(fd, block);
  closeSync(fd);
}
