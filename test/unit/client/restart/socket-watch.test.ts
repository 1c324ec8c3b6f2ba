import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { watchSocket } from "../../../../src/client/restart/socket-watch.js";
import { it } from "../../../fixtures/it/with-directory.js";

/** Longer than any test may take, so that only an event can end the wait. */
const LONG_MS = 60_000;

it("a wait ends when the socket appears", async ({ directory }) => {
  using watch = watchSocket(join(directory, "serve.sock"));
  const change = watch.next(LONG_MS);
  writeFileSync(join(directory, "serve.log"), "");
  writeFileSync(join(directory, "serve.sock"), "");
  expect(await change).toBe("changed");
});

it("a change between two waits ends the next one at once", async ({ directory }) => {
  const socket = join(directory, "serve.sock");
  using watch = watchSocket(socket);
  expect(await watch.next(1)).toBe("time");
  writeFileSync(socket, "");
  expect(await watch.next(LONG_MS)).toBe("changed");
});

it("a wait that something else has ended takes no change from the next one, and does not end it", async ({
  directory,
}) => {
  const socket = join(directory, "serve.sock");
  using watch = watchSocket(socket);
  expect(await watch.next(50, { or: Promise.resolve() })).toBe("other");
  expect(await watch.next(LONG_MS, { or: Promise.reject(new Error("ended")) })).toBe("other");
  // Longer than the first wait would have been: its timer must not end this one.
  const change = watch.next(LONG_MS);
  expect(await Promise.race([change, new Promise((resolve) => setTimeout(resolve, 100))])).toBeUndefined();
  writeFileSync(socket, "");
  expect(await change).toBe("changed");
});

it("a wait ends with the signal's reason", async ({ directory }) => {
  using watch = watchSocket(join(directory, "serve.sock"));
  const end = new AbortController();
  const change = watch.next(LONG_MS, { signal: end.signal });
  end.abort(new Error("enough"));
  await expect(change).rejects.toThrow("enough");
});
