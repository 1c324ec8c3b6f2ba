import { readSync } from "node:fs";

const CHUNK_BYTES = 64 * 1024;
const EMPTY_PIPE_PAUSE_MS = 5;

/** Reads all of stdin, even from a non-blocking pipe. */
export function readStdin(): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let bytes: number;
    try {
      bytes = readSync(0, chunk, 0, CHUNK_BYTES, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") break;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EMPTY_PIPE_PAUSE_MS);
      continue;
    }
    if (bytes === 0) break;
    chunks.push(chunk.subarray(0, bytes));
  }
  return Buffer.concat(chunks);
}
