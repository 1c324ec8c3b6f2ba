import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Two ends of one Unix socket, gone when the test is over. */
export async function socketPair(): Promise<[Socket, Socket]> {
  const directory = mkdtempSync(join(tmpdir(), "pair-"));
  const path = join(directory, "s");
  const pair = await new Promise<[Socket, Socket]>((resolve, reject) => {
    const server = createServer((accepted) => {
      server.close();
      resolve([near, accepted]);
    });
    let near: Socket;
    server.on("error", reject);
    server.listen(path, () => {
      near = connect(path);
      near.on("error", reject);
    });
  });
  for (const socket of pair) socket.removeAllListeners("error");
  onTestFinished(() => {
    for (const socket of pair) socket.destroy();
    rmSync(directory, { recursive: true, force: true });
  });
  return pair;
}
