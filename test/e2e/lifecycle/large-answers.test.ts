import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";

import { FrameStream } from "../../../src/wire/frame-stream.js";
import { LATEST_PROTOCOL_VERSION } from "../../../src/wire/handshake.js";
import { it } from "../../fixtures/it/with-counter.js";
import { until } from "../../fixtures/sandbox.js";

const MIB = 1024 * 1024;

/** A client on a real socket, with the lengths of the frames that it has got. */
class Client {
  readonly lengths: number[] = [];
  hungUp = false;
  readonly #socket: Socket;
  readonly #stream: FrameStream;

  constructor(directory: string) {
    this.#socket = createConnection(join(directory, "serve.sock"));
    this.#stream = new FrameStream(this.#socket, this.#socket, {
      onFrame: (raw) => this.lengths.push(raw.length),
      onClose: () => (this.hungUp = true),
    });
  }

  /** Resolves when the client has a session with the counter. */
  async open(): Promise<this> {
    const capabilities = { experimental: { lockstep: { role: "library", pid: process.pid, server: "counter" } } };
    const clientInfo = { name: "test", version: "1" };
    this.#send({
      id: 0,
      method: "initialize",
      params: { protocolVersion: LATEST_PROTOCOL_VERSION, capabilities, clientInfo },
    });
    await this.#answers(1);
    this.#send({ method: "notifications/initialized" });
    return this;
  }

  call(id: number, name: string, args: object = {}): void {
    this.#send({ id, method: "tools/call", params: { name, arguments: args } });
  }

  /** Resolves when so many calls have been answered. */
  async answered(calls: number): Promise<void> {
    await this.#answers(calls + 1);
  }

  stopReading(): void {
    this.#stream.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  async #answers(count: number): Promise<void> {
    await until(`the client has ${count} answers`, () => this.hungUp || this.lengths.length >= count || undefined);
    expect(this.hungUp).toBe(false);
  }

  #send(message: object): void {
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }
}

it("a client that does not read its answers keeps nothing from clients that come later", async ({ box }) => {
  await box.run(["start"]);
  const stuck = await new Client(box.dir).open();
  stuck.stopReading();
  for (let id = 1; id <= 10; id++) stuck.call(id, "large", { bytes: 2 * MIB });
  const later = await new Client(box.dir).open();
  later.call(1, "large", { bytes: MIB });
  await later.answered(1);
  expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0, stdout: "{}\n" });
  expect(stuck.hungUp).toBe(false);
  stuck.close();
  later.close();
});

it("a client that reads gets all of many large answers, although another session has the same server", async ({
  box,
}) => {
  await box.run(["start"]);
  const idle = await new Client(box.dir).open();
  const reading = await new Client(box.dir).open();
  for (let id = 1; id <= 6; id++) reading.call(id, "large", { bytes: 20 * MIB });
  await reading.answered(6);
  expect(reading.lengths.slice(1).every((length) => length > 20 * MIB)).toBe(true);
  idle.close();
  reading.close();
});
