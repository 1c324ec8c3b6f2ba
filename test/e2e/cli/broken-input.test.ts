import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { mountDisk, unmountDisk } from "../../fixtures/disk.js";
import { it as base } from "../../fixtures/it/with-box.js";
import { until, type RunOptions } from "../../fixtures/sandbox.js";
import { counter } from "../../fixtures/servers/counting-server.js";

const ROOT = process.getuid?.() === 0;

const it = base
  .extend("refused", ({ box }) => {
    /** Expects a clear message of one line or a few, and never a stack. */
    return async (args: string[], code: number, message: RegExp, options: RunOptions = {}): Promise<void> => {
      const result = await box.run(args, options);
      expect([args, result.code, result.stderr]).toEqual([args, code, expect.stringMatching(message)]);
      expect(result.stderr).not.toMatch(/^\s+at /m);
    };
  })
  .extend("writeConfig", ({ box }) => {
    return (text: string): void => {
      mkdirSync(box.dir, { recursive: true, mode: 0o700 });
      writeFileSync(join(box.dir, "servers.json"), text);
    };
  })
  .extend("send", ({ box }) => {
    /** Writes to the daemon's socket and returns what came back until the daemon closed the connection. */
    return (chunks: Buffer[]): Promise<string> =>
      new Promise((done) => {
        const socket = createConnection(join(box.dir, "serve.sock"));
        let received = "";
        socket.on("data", (chunk) => (received += chunk.toString()));
        socket.on("error", () => undefined);
        socket.once("close", () => done(received));
        for (const chunk of chunks) socket.write(chunk);
      });
  });

describe("a wrong word on the command line", () => {
  it.for<[string, string[], RegExp]>([
    ["an unknown command", ["calll"], /calll[\s\S]*call/],
    ["an unknown option", ["status", "--jsn"], /jsn/],
    ["an unknown server", ["call", "memmory", "read_graph"], /memmory[\s\S]*memory/],
    ["an unknown tool", ["call", "memory", "read_graf"], /read_graf[\s\S]*read_graph/],
    ["an unknown argument", ["call", "memory", "search_nodes", "querry=x"], /querry[\s\S]*query/],
    ["a missing argument", ["call", "memory", "search_nodes", "query2=x"], /query/],
    ["invalid JSON", ["call", "memory", "read_graph", "{bad"], /JSON/],
    ["a relative directory", ["status", "--dir", "here"], /here[\s\S]*absolute/],
  ])("a command line with %s fails and says how to fix it", async ([_name, args, message], { refused }) => {
    await refused(args, args[1] === "--dir" ? 1 : 2, message);
  });
});

describe("servers.json", () => {
  it("a syntax error in servers.json is reported with its line", async ({ box, refused, writeConfig }) => {
    writeConfig('{\n  "mcpServers": {\n    "a": { "command": "x" "args": [] }\n  }\n}\n');
    await refused(["call", "a", "t"], 1, /servers\.json:3[\s\S]*"args"/);
    expect((await box.run(["doctor"])).stdout).toMatch(/servers\.json:3/);
  });

  it("one invalid entry in servers.json leaves the other servers working", async ({ box, writeConfig }) => {
    writeConfig(JSON.stringify({ mcpServers: { bad: { command: 5 }, good: counter() } }, null, 2));
    expect(await box.run(["call", "good", "echo"])).toMatchObject({ code: 0 });
    const result = await box.run(["call", "bad", "echo"]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toMatch(/bad[\s\S]*command/);
    expect((await box.run(["servers"])).stdout).toMatch(/good/);
  });

  it("a call names the command of its server that cannot be found", async ({ refused, writeConfig }) => {
    writeConfig(JSON.stringify({ mcpServers: { gone: { command: "no-such-program-anywhere" } } }));
    await refused(["call", "gone", "echo"], 1, /no-such-program-anywhere/);
  });
});

describe("a state directory that cannot be used", () => {
  it("a state directory that is a file is refused", async ({ box, refused }) => {
    writeFileSync(box.dir, "");
    await refused(["start"], 1, /is a file/);
    execFileSync("rm", [box.dir]);
  });

  it("a state directory that others can write to is refused", async ({ box, refused }) => {
    mkdirSync(box.dir);
    chmodSync(box.dir, 0o777);
    await refused(["call", "memory", "read_graph"], 1, /chmod 700/);
    await refused(["status"], 1, /chmod 700/);
    chmodSync(box.dir, 0o700);
  });

  it.skipIf(!ROOT)("a state directory that belongs to another user is refused", async ({ box, refused }) => {
    mkdirSync(box.dir, { mode: 0o700 });
    chownSync(box.dir, 65_534, 65_534);
    await refused(["call", "memory", "read_graph"], 1, /belongs to user 65534[\s\S]*run this as that user/);
    chownSync(box.dir, 0, 0);
  });

  it("a state directory whose path is too long for a socket is refused", async ({ box, refused }) => {
    await refused(["start"], 1, /bytes/, { env: { LOCKSTEP_DIR: join(box.root, "x".repeat(120)) } });
  });

  it.skipIf(!ROOT)("a state directory on a full disk is refused", async ({ box, refused }) => {
    mkdirSync(box.dir, { mode: 0o700 });
    await mountDisk(box.dir, "64k");
    try {
      execFileSync("bash", ["-c", `head -c 65536 /dev/zero > "${box.dir}/filler" || true`], { stdio: "ignore" });
      await refused(["start"], 1, /disk is full/);
    } finally {
      await unmountDisk(box.dir);
    }
  });

  it.skipIf(!ROOT)("a state directory on a read-only disk is refused", async ({ box, refused }) => {
    mkdirSync(box.dir, { mode: 0o700 });
    await mountDisk(box.dir, "64k", { readOnly: true });
    try {
      await refused(["start"], 1, /read-only/);
    } finally {
      await unmountDisk(box.dir);
    }
  });
});

describe("a disk that fills up while the daemon runs", () => {
  it.skipIf(!ROOT)("a disk that fills up while the daemon runs costs log lines but no call", async ({ box }) => {
    mkdirSync(box.dir, { mode: 0o700 });
    await mountDisk(box.dir, "256k");
    try {
      box.writeServers({ counter: counter() });
      await box.run(["call", "counter", "echo"]);
      execFileSync("bash", ["-c", `head -c 262144 /dev/zero > "${box.dir}/filler" || true`], { stdio: "ignore" });
      const noisy = await box.run(["call", "counter", "stderr", JSON.stringify({ line: "x".repeat(8_000) })]);
      expect(noisy.code).toBe(0);
      execFileSync("rm", [join(box.dir, "filler")]);
      await box.run(["call", "counter", "stderr", '{"line":"after"}']);
      await until("the loss is noted", () => box.logLines("lost").length > 0);
      await box.run(["stop"]);
    } finally {
      await unmountDisk(box.dir);
    }
  });
});

describe("bytes on the socket", () => {
  it.beforeEach(async ({ box }) => {
    await box.run(["start"]);
  });

  it.for<[string, Buffer[], RegExp]>([
    [
      "noise",
      [Buffer.from(Array.from({ length: 4_096 }, (_, n) => (n * 197 + 13) % 256)), Buffer.from("\n")],
      /JSON|UTF-8/,
    ],
    ["an HTTP request", [Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")], /JSON/],
    ["JSON that is not a message", [Buffer.from("[1, 2, 3]\n")], /-32600/],
    [
      "a frame of 100 MB",
      Array.from({ length: 100 }, () => Buffer.alloc(1_048_576, 0x20)).concat([Buffer.from("x")]),
      /64 MiB|67108864/,
    ],
  ])(
    "%s on the socket closes that connection with a reason, and no other",
    async ([_name, chunks, reason], { box, send }) => {
      const pid = box.pid();
      expect(await send(chunks)).toMatch(reason);
      expect(await box.run(["call", "memory", "read_graph"])).toMatchObject({ code: 0 });
      expect(box.pid()).toBe(pid);
    },
  );

  it("half a frame followed by silence closes the connection after half a minute", async ({ box, send }) => {
    expect(await send([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initi')])).toMatch(
      /message was still incomplete/,
    );
    expect(await box.run(["call", "memory", "read_graph"])).toMatchObject({ code: 0 });
  });
});
