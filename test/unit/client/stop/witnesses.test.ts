import { expect, it } from "vitest";

import { judgeWitnesses, type RunningProcess, type Witnesses } from "../../../../src/client/stop/witnesses.js";

/** The daemon, another process of the user's, and one that must not be signalled. */
const DAEMON = 100;
const OTHER = 200;
const FORBIDDEN = 300;
const GONE = 400;

const PROCESSES: Record<number, RunningProcess> = {
  [DAEMON]: { startTime: "boot/1", startedMs: 10_000, mayBeSignalled: true },
  [OTHER]: { startTime: "boot/2", startedMs: 90_000, mayBeSignalled: true },
  [FORBIDDEN]: { startTime: "boot/3", startedMs: 10_000, mayBeSignalled: false },
};

const NONE: Witnesses = {
  connected: true,
  kernelPid: undefined,
  identityPid: undefined,
  recorded: undefined,
  recordedElsewhere: undefined,
  spawned: undefined,
  pidFile: undefined,
  lockTaker: undefined,
  lockTaken: undefined,
  socketMadeMs: 20_000,
};
const daemon = { pid: DAEMON, startTime: "boot/1" };
const reused = { pid: DAEMON, startTime: "boot/0" };
const other = { pid: OTHER, startTime: "boot/2" };

const judge = (witnesses: Partial<Witnesses>): number | undefined =>
  judgeWitnesses({ ...NONE, ...witnesses }, (pid) => PROCESSES[pid]).proven?.pid;

it.each<[string, Partial<Witnesses>]>([
  ["the kernel and what answers", { kernelPid: DAEMON, identityPid: DAEMON }],
  ["the kernel and serve.json", { kernelPid: DAEMON, recorded: daemon }],
  ["the kernel and the client that started it", { kernelPid: DAEMON, spawned: daemon }],
  ["the kernel and a serve.pid that is as old as the process", { kernelPid: DAEMON, pidFile: DAEMON }],
  ["the kernel and its list of locks", { kernelPid: DAEMON, lockTaker: DAEMON, lockTaken: true }],
  ["what answers and serve.json, behind a supervisor", { kernelPid: OTHER, identityPid: DAEMON, recorded: daemon }],
  ["what answers and serve.json, after a fork", { kernelPid: GONE, identityPid: DAEMON, recorded: daemon }],
  ["serve.json and the lock, without a connection", { connected: false, recorded: daemon, lockTaken: true }],
  [
    "the client that started it and the lock, before it listens",
    { connected: false, spawned: daemon, recorded: { ...other, startTime: "boot/0" }, lockTaken: true },
  ],
  ["the client that started it, without a connection", { connected: false, spawned: daemon }],
  ["that client and serve.pid, without a connection", { connected: false, spawned: daemon, pidFile: DAEMON }],
])("a process is proven by %s", (_name, witnesses) => {
  expect(judge(witnesses)).toBe(DAEMON);
});

it.each<[string, Partial<Witnesses>]>([
  ["the kernel alone", { kernelPid: DAEMON }],
  ["what answers alone", { identityPid: DAEMON }],
  ["serve.json alone", { recorded: daemon }],
  ["serve.pid alone", { pidFile: DAEMON }],
  ["the kernel against what answers", { kernelPid: OTHER, identityPid: DAEMON }],
  ["the kernel against serve.json", { kernelPid: OTHER, recorded: daemon }],
  ["the kernel against serve.pid, as with socket activation", { kernelPid: OTHER, pidFile: DAEMON }],
  ["the kernel and serve.pid against what answers", { kernelPid: OTHER, pidFile: OTHER, identityPid: DAEMON }],
  ["what answers and serve.pid without the kernel", { kernelPid: GONE, identityPid: DAEMON, pidFile: DAEMON }],
  ["a pid that was used again, in serve.json", { kernelPid: OTHER, recorded: { ...other, startTime: "boot/0" } }],
  ["a pid that was used again after the socket was made", { kernelPid: OTHER, pidFile: OTHER }],
  ["a pid that was used again, in the list of locks", { kernelPid: OTHER, lockTaker: OTHER, lockTaken: true }],
  ["a lock that was taken by the client that started it", { kernelPid: DAEMON, lockTaker: GONE, lockTaken: true }],
  ["a serve.pid whose socket is gone", { kernelPid: DAEMON, pidFile: DAEMON, socketMadeMs: undefined }],
  ["a process that is gone", { kernelPid: GONE, identityPid: GONE }],
  ["a process that may not be signalled", { kernelPid: FORBIDDEN, identityPid: FORBIDDEN }],
  ["serve.json without a connection while the lock is free", { connected: false, recorded: daemon, lockTaken: false }],
  ["the client that started it while the lock is free", { connected: false, spawned: daemon, lockTaken: false }],
  ["serve.json of a reused pid, without a connection", { connected: false, recorded: reused, lockTaken: true }],
  ["serve.json without a connection and without a lifetime lock", { connected: false, recorded: daemon }],
  ["serve.pid and the lock, without a connection", { connected: false, pidFile: DAEMON, lockTaken: true }],
  ["the client that started it against serve.pid", { connected: false, spawned: daemon, pidFile: OTHER }],
])("a process is not proven by %s", (_name, witnesses) => {
  expect(judge(witnesses)).toBeUndefined();
});

it("what is not proven is reported with every process that was named, and by what", () => {
  const verdict = judgeWitnesses({ ...NONE, kernelPid: OTHER, recorded: daemon, pidFile: 7 }, (pid) => PROCESSES[pid]);
  expect(verdict.proven ? "" : verdict.why).toMatch(/the kernel \(200\), serve\.json \(100\), serve\.pid \(7\)/);
});
