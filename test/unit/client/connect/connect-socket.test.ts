import { join } from "node:path";
import koffi from "koffi";
import { expect, onTestFinished } from "vitest";

import { connectSocket } from "../../../../src/client/connect/connect-socket.js";
import { it } from "../../../fixtures/it/with-directory.js";

/** Binds a datagram socket, which Node cannot make. */
function bindDatagramSocket(path: string): void {
  const libc = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : null);
  const socket = libc.func("int socket(int domain, int type, int protocol)") as (...args: number[]) => number;
  const bind = libc.func("int bind(int fd, const uint8_t *address, unsigned int length)") as (
    ...args: unknown[]
  ) => number;
  const close = libc.func("int close(int fd)") as (fd: number) => number;
  const fd = socket(1, 2, 0);
  onTestFinished(() => void close(fd));
  const address = Buffer.alloc(process.platform === "darwin" ? 106 : 110);
  if (process.platform === "darwin") address.writeUInt8(1, 1);
  else address.writeUInt16LE(1, 0);
  address.write(path, 2);
  expect(bind(fd, address, address.length)).toBe(0);
}

it("a socket that takes no connections is reported in words, with what to do", async ({ directory }) => {
  const path = join(directory, "serve.sock");
  bindDatagramSocket(path);
  await expect(connectSocket(path)).rejects.toThrow(
    `cannot connect to ${path}: it is another kind of socket; remove it`,
  );
});
