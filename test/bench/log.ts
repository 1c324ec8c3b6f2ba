import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readLastLines } from "../../src/log/reader.js";
import { interleaved, row } from "./measure.js";

const GIGABYTE = 1024 ** 3;

/** The last 200 lines of a log of 1 GB, over those of one of 1 KB. */
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
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function write(path: string, bytes: number): void {
  const line = `2026-01-01T00:00:00.000+00:00 info memory: ${"x".repeat(80)}\n`;
  const block = line.repeat(Math.min(8_192, Math.ceil(bytes / line.length)));
  const fd = openSync(path, "w");
  for (let written = 0; written < bytes; written += block.length) writeSync(fd, block);
  closeSync(fd);
}
