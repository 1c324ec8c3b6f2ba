import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { watchDaemon, type ReconnectingClient } from "../../../../src/client/follow/reconnecting-client.js";
import type { LinkState } from "../../../../src/client/follow/reconnecting-link.js";
import type { WatchedDaemon } from "../../../../src/client/spec/daemon-spec.js";
import { statePaths } from "../../../../src/state/directory.js";
import { lines } from "../../../fixtures/daemons/scripted-daemon.js";
import { it as base } from "../../../fixtures/it/with-scripted-daemon.js";
import { eventually } from "../../wire/eventually.js";

/** Watches the directory of `startScripted`, and lists the states of the link in words. */
const it = base
  .extend("watched", ({ directory }): WatchedDaemon => {
    const paths = statePaths(join(directory, "s"));
    return { name: "other", paths, experimentalKey: "lockstep", lifetimeLock: undefined, control: undefined };
  })
  .extend("watch", ({ watched }, { onCleanup }) => {
    const clients: ReconnectingClient[] = [];
    onCleanup(() => {
      for (const client of clients) client.close();
    });
    return () => {
      const states: string[] = [];
      const hello = { role: "tray", pid: process.pid } as const;
      const client = watchDaemon(watched, {
        client: { clientInfo: { name: "test", version: "1" }, hello },
        onState: (link) => states.push(inWords(link)),
      });
      clients.push(client);
      return { client, states };
    };
  });

function inWords(link: LinkState): string {
  switch (link.state) {
    case "connected":
      return `connected to ${link.identity.version || "no version"}`;
    case "refused":
      return `${link.error.constructor.name}: ${link.error.message}`;
    default:
      return link.state;
  }
}

function hello(version: string, experimental: object = {}) {
  return (): object => {
    return { protocolVersion: "2025-11-25", serverInfo: { name: "other", version }, capabilities: { experimental } };
  };
}

describe("another tool's daemon that is watched", () => {
  it.for(["0.13.0", "99.0.0-rc.1", "", "not a version"])(
    "is connected to whatever its version, such as %j, since it is not judged",
    async (version, { startScripted, watch }) => {
      await startScripted({ hello: hello(version) });
      const { states } = watch();
      await eventually(() => expect(states).toEqual([`connected to ${version || "no version"}`]));
    },
  );

  it("is connected to also when it speaks another protocol of Lockstep's", async ({ startScripted, watch }) => {
    await startScripted({ hello: hello("9.0.0", { lockstep: { protocol: 99, pid: 12 } }) });
    const { client } = watch();
    await eventually(() => expect(client.identity).toMatchObject({ version: "9.0.0", protocol: 99, pid: 12 }));
  });

  it("is known by what it says under its own name, and by the process that listens", async ({
    startScripted,
    watch,
  }) => {
    await startScripted({ hello: hello("1.0.0", { other: { installRoot: "/opt/other", heartbeatMs: 500 } }) });
    const { client } = watch();
    await eventually(() =>
      // It was not asked for heartbeats under that name, so none can be missed.
      expect(client.identity).toMatchObject({ installRoot: "/opt/other", heartbeatMs: undefined, pid: process.pid }),
    );
  });

  it("is reported as absent once, followed when it comes, and reported as absent when it has gone", async ({
    startScripted,
    watch,
  }) => {
    const { states } = watch();
    await eventually(() => expect(states).toEqual(["absent"]));
    const first = await startScripted({ hello: hello("1.0.0") });
    await eventually(() => expect(states.slice(1)).toEqual(["connected to 1.0.0"]));
    first.close();
    await eventually(() => expect(states.slice(2)).toEqual(["reconnecting", "absent"]));
    await startScripted({ hello: hello("2.0.0") });
    await eventually(() => expect(states.slice(4)).toEqual(["connected to 2.0.0"]));
  });

  it("that answers with an error, or with something else than MCP, is reported with its process", async ({
    startScripted,
    watch,
    watched,
  }) => {
    const daemon = await startScripted({
      hello: hello("1.0.0"),
      onInitialize: (socket, answer) => {
        const { id } = answer as { id: number };
        socket.write(lines({ jsonrpc: "2.0", id, error: { code: -32602, message: "no such protocol" } }));
      },
    });
    const refusing = watch();
    const listener = `on ${watched.paths.socket}`;
    await eventually(() =>
      expect(refusing.states[0]).toMatch(/^RefusedError: PID \d+ .*answered initialize with an error: no such/),
    );
    expect(refusing.states[0]).toContain(listener);
    daemon.close();
    await startScripted({ hello: hello("1.0.0"), onInitialize: (socket) => socket.write("HTTP/1.1 400 Bad\r\n") });
    const noise = watch();
    await eventually(() => expect(noise.states[0]).toMatch(/^UnresponsiveError: PID .*does not speak MCP/));
  });

  it("in a directory that others may write to is not trusted, and is followed once that was fixed", async ({
    startScripted,
    watch,
    watched,
  }) => {
    mkdirSync(watched.paths.dir, { mode: 0o700 });
    chmodSync(watched.paths.dir, 0o777);
    await startScripted({ hello: hello("1.0.0") });
    const { states } = watch();
    await eventually(() => expect(states[0]).toMatch(/^DirectoryError: .*chmod 700/));
    chmodSync(watched.paths.dir, 0o700);
    await eventually(() => expect(states.at(-1)).toBe("connected to 1.0.0"));
  });
});
