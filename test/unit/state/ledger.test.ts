import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { appendLedger, readLedger, recentDriftRestarts, type LedgerEntry } from "../../../src/state/ledger.js";
import { tryLock, type FileLock } from "../../../src/state/lock.js";
import { it as base } from "../../fixtures/it/with-directory.js";

const it = base
  .extend("path", ({ directory }) => join(directory, "restart.lock"))
  .extend("lock", ({ path }, { onCleanup }): FileLock => {
    const lock = tryLock(path)!;
    onCleanup(() => lock.release());
    return lock;
  });

function entry(changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    at: "2026-11-23T03:40:01.123Z",
    did: "restart",
    why: "version-mismatch",
    prev: "1.0.0",
    now: "1.1.0",
    pid: 7,
    by: { role: "cli", pid: 8, root: "/opt/lockstep" },
    tookMs: 50,
    ...changes,
  };
}

it("an entry is read back as it was written, behind all earlier lines", ({ path, lock }) => {
  appendLedger(lock, entry({ pid: 1, reason: "new PATH", prevPid: 3, startTime: "boot/1" }));
  appendLedger(lock, entry({ pid: 2, did: "start", why: "absent" }));
  expect(readLedger(path)).toEqual([
    entry({ pid: 1, reason: "new PATH", prevPid: 3, startTime: "boot/1" }),
    entry({ pid: 2, did: "start", why: "absent" }),
  ]);
});

it("an entry begins a line of its own behind the incomplete line of a process that was killed", ({ path, lock }) => {
  appendLedger(lock, entry({ pid: 1 }));
  appendFileSync(path, '{"at":"2026-11-23T03:4');
  appendLedger(lock, entry({ pid: 2 }));
  expect(readLedger(path).map(({ pid }) => pid)).toEqual([1, 2]);
});

it("other tools' lines stay in the ledger, and count with what they have", ({ path, lock }) => {
  const foreign =
    '# by hand\n{"spawned":5,"startTime":"boot/2"}\n{"at":"2026-11-23T03:40:02Z","did":"restart","why":"version-mismatch"}\n';
  writeFileSync(path, foreign);
  appendLedger(lock, entry());
  expect(readFileSync(path, "utf8").startsWith(foreign)).toBe(true);
  const [other, own] = readLedger(path);
  expect(own).toEqual(entry());
  expect(other).toMatchObject({ by: { role: "another program", pid: 0 }, now: "an unknown version", tookMs: 0 });
  expect(recentDriftRestarts(readLedger(path), Date.parse("2026-11-23T03:40:10Z"))).toHaveLength(2);
});

it.for([
  "null",
  "{}",
  '{"at":5,"did":"restart","why":"x"}',
  '{"at":"yesterday","did":"restart","why":"x"}',
  '{"at":"2026-11-23","did":"dance","why":"x"}',
  '{"at":"2026-11-23","did":"start"}',
  '["at"]',
  "{",
])("the line %s is no entry of the ledger", (line, { path }) => {
  writeFileSync(path, `${line}\n${JSON.stringify(entry())}\n`);
  expect(readLedger(path)).toEqual([entry()]);
});

it("a ledger that has become long keeps its latest lines", ({ path, lock }) => {
  for (let pid = 0; pid < 400; pid++) appendLedger(lock, entry({ pid }));
  const kept = readLedger(path).map(({ pid }) => pid);
  expect(kept.length).toBeLessThanOrEqual(150);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => 400 - kept.length + n));
  expect(lock.stillInPlace()).toBe(true);
});

it("lines that a killed rewrite has left behind the new ones are read once", ({ path }) => {
  const [first, second] = [1, 2].map((pid) => JSON.stringify(entry({ pid })));
  writeFileSync(path, `${second}\n${first}\n${second}\n`);
  expect(readLedger(path)).toHaveLength(2);
});

it("only restarts for drift within the last minute count, whichever way the clock was set", () => {
  const now = Date.parse("2026-11-23T04:00:00Z");
  const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1_000).toISOString();
  const counted = (changes: Partial<LedgerEntry>): number => recentDriftRestarts([entry(changes)], now).length;
  expect(counted({ at: at(10) })).toBe(1);
  expect(counted({ at: at(59), tookMs: 0 })).toBe(1);
  expect(counted({ at: at(61), tookMs: 0 })).toBe(0);
  expect(counted({ at: at(75), tookMs: 20_000 })).toBe(1);
  expect(counted({ at: at(10), why: "requested" })).toBe(0);
  expect(counted({ at: at(10), did: "start", why: "absent" })).toBe(0);
  expect(counted({ at: at(-86_400) })).toBe(0);
  expect(counted({ at: at(86_400) })).toBe(0);
});
