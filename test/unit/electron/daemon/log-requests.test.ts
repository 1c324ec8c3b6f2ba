import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { createLogRequests, type LogRequests } from "../../../../electron/daemon/log-requests.js";
import type { LogPosition } from "../../../../electron/ipc/log-messages.js";
import { it as base } from "../../../fixtures/it/with-directory.js";

const MIB = 1024 * 1024;
const CALL = "2026-01-01T00:00:00.000+00:00 info memory: call read_graph\n";
const EVENT = "2026-01-01T00:00:00.000+00:00 event daemon: ready (pid 7, version 1.0.0)\n";

const it = base.extend("requests", ({ directory }, { onCleanup }): LogRequests => {
  const log = join(directory, "serve.log");
  writeFileSync(log, EVENT + CALL.repeat(Math.ceil((3 * MIB) / CALL.length)));
  const nothing = (): void => undefined;
  const notify = { view: { changed: nothing, navigate: nothing }, command: {}, log: { lines: nothing } };
  const requests = createLogRequests(() => log, notify);
  onCleanup(() => requests.close());
  return requests;
});

const ONE_LETTER = { daemon: "lockstep", needle: "e", before: undefined, breadcrumbsOnly: true };

it("each answer to a search is about a mebibyte of the log, however little of it matches", async ({ requests }) => {
  const answers: number[] = [];
  let hits = 0;
  for (let before: LogPosition | undefined, first = true; first || before; first = false) {
    const found = await requests.search({ ...ONE_LETTER, before });
    answers.push(found.searchedBytes);
    hits += found.hits.length;
    before = found.before;
  }
  expect(Math.max(...answers)).toBe(MIB);
  expect(answers).toHaveLength(3);
  expect(hits).toBe(1);
});

it("a search ends when the next one begins, when the log is read instead, and when the window has gone", async ({
  requests,
}) => {
  const ended = "The search was ended by the next one.";
  const first = requests.search(ONE_LETTER);
  const second = requests.search(ONE_LETTER);
  await expect(first).rejects.toThrow(ended);
  await second;
  const third = requests.search(ONE_LETTER);
  const page = requests.page({ daemon: "lockstep", before: undefined, count: 3, breadcrumbsOnly: false });
  await expect(third).rejects.toThrow(ended);
  expect((await page).entries).toHaveLength(3);
  const fourth = requests.search(ONE_LETTER);
  requests.close();
  await expect(fourth).rejects.toThrow(ended);
});
