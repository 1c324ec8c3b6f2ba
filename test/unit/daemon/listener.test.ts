import { lstatSync, mkdirSync, readdirSync, watch, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";

import { listen } from "../../../src/daemon/listener.js";
import { statePaths } from "../../../src/state/directory.js";
import { it } from "../../fixtures/it/with-directory.js";
import { eventually } from "../wire/eventually.js";

it("the daemon's socket is private from the moment at which it is bound, whatever the umask", async ({ directory }) => {
  const mask = process.umask(0);
  try {
    const modes: number[] = [];
    const look = (name: string | null): void => {
      const found = name === null ? undefined : lstatSync(join(directory, name), { throwIfNoEntry: false });
      if (found?.isSocket() === true) modes.push(found.mode & 0o777);
    };
    using _watched = dispose(watch(directory, (_event, name) => look(name)));
    const listening = listen(
      statePaths(directory),
      () => undefined,
      () => undefined,
    );
    // It was bound in this turn, and gets its name and its mode in a later one.
    for (const name of readdirSync(directory)) look(name);
    const listener = await listening;
    expect(modes.length).toBeGreaterThan(0);
    expect(new Set([...modes, lstatSync(join(directory, "serve.sock")).mode & 0o777])).toEqual(new Set([0o600]));
    expect(process.umask()).toBe(0);
    listener.stopAccepting();
  } finally {
    process.umask(mask);
  }
});

it("a dead daemon's socket, or any file in its place, is replaced", async ({ directory }) => {
  writeFileSync(join(directory, "serve.sock"), "left behind");
  let connections = 0;
  const paths = statePaths(directory);
  const listener = await listen(
    paths,
    (socket) => (connections++, socket.destroy()),
    () => undefined,
  );
  expect(readdirSync(directory)).toEqual(["serve.sock"]);
  expect(lstatSync(paths.socket, { bigint: true }).ino).toBe(listener.socketInode);
  connect(paths.socket).on("error", () => undefined);
  await eventually(() => expect(connections).toBe(1));
  listener.stopAccepting();
});

it("a directory at the socket's path is an error that says what to do, and leaves nothing behind", async ({
  directory,
}) => {
  const paths = statePaths(directory);
  mkdirSync(paths.socket);
  await expect(
    listen(
      paths,
      () => undefined,
      () => undefined,
    ),
  ).rejects.toThrow(`cannot put the daemon's socket at ${paths.socket}: it is a directory: remove it`);
  expect(readdirSync(directory)).toEqual(["serve.sock"]);
});

function dispose(watcher: { close(): void }): Disposable {
  return { [Symbol.dispose]: () => watcher.close() };
}
