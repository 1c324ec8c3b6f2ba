import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { Peer } from "../../../src/wire/peer.js";
import { formatTrace, wireTrace } from "../../../src/wire/trace.js";
import { socketPair } from "./socket-pair.js";

const NOW = new Date("2026-01-02T03:04:05.678Z");

describe("the wire trace", () => {
  it("the wire trace is off unless LOCKSTEP_TRACE is set", () => {
    expect(wireTrace("peer")).toBeUndefined();
    trace("");
    expect(wireTrace("peer")).toBeUndefined();
  });

  it("the wire trace prints time, pid, direction, label and frame", () => {
    expect(formatTrace(NOW, 812, "→", "peer", '{"id":"é"}')).toBe('2026-01-02T03:04:05.678Z 812 → peer {"id":"é"}\n');
  });

  it("the wire trace cuts a long frame and names its length", () => {
    const line = formatTrace(NOW, 1, "←", "memory", Buffer.alloc(5000, "x"));
    expect(line).toBe(`2026-01-02T03:04:05.678Z 1 ← memory ${"x".repeat(2000)}… (5000 bytes)\n`);
  });

  it("the wire trace appends both directions of a connection to a private file", async () => {
    const directory = mkdtempSync(join(tmpdir(), "trace-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "wire");
    const [near, far] = await socketPair();
    new Peer(far, far);
    trace(path);
    await new Peer(near, near).request("ping");
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/^\S+Z \d+ /, ""))).toEqual([
      '→ peer {"jsonrpc":"2.0","id":1,"method":"ping"}',
      '← peer {"jsonrpc":"2.0","id":1,"result":{}}',
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("the wire trace does not end the connection when it cannot be written", async () => {
    trace(join(tmpdir(), "no", "such", "directory"));
    const [near, far] = await socketPair();
    new Peer(far, far);
    expect(await new Peer(near, near).request("ping")).toEqual({});
  });
});

function trace(target: string): void {
  vi.stubEnv("LOCKSTEP_TRACE", target);
  onTestFinished(() => void vi.unstubAllEnvs());
}
