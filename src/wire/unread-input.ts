import { readSync } from "node:fs";
import type { Readable } from "node:stream";

import { socketDescriptor } from "./socket-descriptor.js";

/**
 * What the other side wrote before it hung up and was not read yet. Node destroys a socket whose write fails, and with it
 * everything that lies in the kernel's buffer, such as the answers to earlier requests: to be called before that, when a
 * write has failed. Empty for anything but a socket.
 */
export function unreadInput(input: Readable): Buffer[] {
  const chunks: Buffer[] = [];
  // It is not to be read by its listeners too.
  input.removeAllListeners("data");
  const buffered = input.read() as Buffer | null;
  if (buffered) chunks.push(buffered);
  const fd = socketDescriptor(input);
  if (fd === undefined) return chunks;
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const bytes = readSync(fd, chunk);
      if (bytes === 0) return chunks;
      chunks.push(chunk.subarray(0, bytes));
    }
  } catch {
    // EAGAIN or ECONNRESET: there is no more.
    return chunks;
  }
}

const CHUNK_BYTES = 64 * 1024;
