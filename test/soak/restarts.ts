import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { startCaller, type Caller, type Said } from "../fixtures/daemons/caller.js";
import { until, type Sandbox } from "../fixtures/sandbox.js";

export interface RestartSoak {
  restarts: number;
  /** Loops of `lockstep call`. */
  commands: number;
  /** Programs with the library's reconnecting client. */
  clients: number;
  /** How many of these programs block their event loop most of the time. */
  busyClients: number;
  /** The longest random pause between two restarts, ms. */
  pauseMs: number;
  /** Called after each restart, with how many there were. */
  onRestart?: (done: number) => void;
}

export interface SoakFigures {
  calls: { commands: number; clients: number };
  /** Failed, although no other answer than a result is possible here: each with what was reported. */
  lost: string[];
  /** Reported as "outcome unknown", and whether the server ran them. */
  unknown: string[];
  /** Run by the server more than once. */
  doubled: string[];
  /** Answered, and not run by the server. */
  invented: string[];
  failedRestarts: string[];
  /** Commands that only read, and did not succeed. */
  failedReads: string[];
  restartMs: number[];
}

/**
 * Restarts the daemon of `box` again and again, while commands and programs call the tools of `counter` without pause,
 * and one command after another lists tools, servers and the daemon's status, and compares what they report with what the server recorded in `counted`.
 */
export async function soakRestarts(box: Sandbox, counted: string, soak: RestartSoak): Promise<SoakFigures> {
  const started = await box.run(["call", "counter", "echo", '{"id":"first"}']);
  if (started.code !== 0) throw new Error(`the first call failed: ${started.stderr}`);
  const stop = new AbortController();
  const commands = Array.from({ length: soak.commands }, (_, n) => callInALoop(box, `command${n}`, stop.signal));
  const clients = Array.from({ length: soak.clients }, (_, n) => startClient(box, n < soak.busyClients));
  const reads = readInALoop(box, stop.signal);
  const [restartMs, failedRestarts] = [[] as number[], [] as string[]];
  const outcomes: Outcome[] = [];
  try {
    await until("every client has called", () => clients.every(({ said }) => said.some(({ call }) => call)));
    for (let done = 0; done < soak.restarts; done++) {
      await delay(Math.random() * soak.pauseMs);
      const restart = await box.run(["restart"]);
      restartMs.push(restart.ms);
      if (restart.code !== 0) failedRestarts.push(`exit ${restart.code}: ${restart.stderr.trim()}`);
      soak.onRestart?.(done + 1);
    }
  } finally {
    stop.abort();
    outcomes.push(...(await Promise.all(commands)).flat());
    await Promise.all(clients.map((client) => client.end()));
  }
  const ofClients = clients.flatMap(({ said }) => said.flatMap((line) => outcomeOf(line) ?? []));
  return figures([...outcomes, ...ofClients], counted, {
    calls: { commands: outcomes.length, clients: ofClients.length },
    failedRestarts,
    failedReads: await reads,
    restartMs,
  });
}

interface Outcome {
  id: string;
  is: "answered" | "unknown" | "failed";
  error: string;
}

async function callInALoop(box: Sandbox, name: string, stop: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let n = 1; !stop.aborted; n++) {
    const id = `${name}-${n}`;
    // The tool's schema has to be asked for the types of `key=value` words; a slow call is met by a restart.
    const words = n % 3 === 0 ? ["echo", `id=${id}`] : n % 7 === 0 ? ["slow", slow(id)] : ["echo", `{"id":"${id}"}`];
    const { code, stderr } = await box.run(["call", "counter", ...words]);
    const is = code === 0 ? "answered" : stderr.includes("outcome unknown") ? "unknown" : "failed";
    outcomes.push({ id, is, error: `exit ${code}: ${stderr.trim()}` });
  }
  return outcomes;
}

async function readInALoop(box: Sandbox, stop: AbortSignal): Promise<string[]> {
  const failed: string[] = [];
  const commands = [["tools", "counter"], ["servers"], ["tools"], ["status"]];
  for (let n = 0; !stop.aborted; n++) {
    const command = commands[n % commands.length] ?? [];
    const { code, stderr } = await box.run(command);
    if (code !== 0) failed.push(`${command.join(" ")}: exit ${code}: ${stderr.trim()}`);
  }
  return failed;
}

const slow = (id: string): string => JSON.stringify({ id, ms: 150 });

function startClient(box: Sandbox, busy: boolean): Caller {
  const caller = startCaller(
    { codeDir: resolve("dist"), execPath: process.execPath, server: "counter", busy },
    { ...process.env, LOCKSTEP_DIR: box.dir },
  );
  box.track(caller.process satisfies ChildProcess);
  return caller;
}

function outcomeOf({ call, is, error = "" }: Said): Outcome | undefined {
  return call === undefined || is === undefined ? undefined : { id: call, is, error };
}

function figures(
  outcomes: Outcome[],
  counted: string,
  run: Pick<SoakFigures, "calls" | "failedRestarts" | "failedReads" | "restartMs">,
): SoakFigures {
  const ran = new Map<string, number>();
  for (const line of existsSync(counted) ? readFileSync(counted, "utf8").split("\n") : []) {
    const [tool, id = ""] = line.split(" ");
    if (tool === "echo" || tool === "slow") ran.set(id, (ran.get(id) ?? 0) + 1);
  }
  const times = (id: string): number => ran.get(id) ?? 0;
  const text = ({ id, error }: Outcome): string => `${id} (run ${times(id)} times): ${error}`;
  return {
    ...run,
    lost: outcomes.filter(({ is }) => is === "failed").map(text),
    unknown: outcomes.filter(({ is }) => is === "unknown").map(text),
    invented: outcomes.filter(({ id, is }) => is === "answered" && times(id) === 0).map(text),
    doubled: [...ran].filter(([, count]) => count > 1).map(([id, count]) => `${id} (run ${count} times)`),
  };
}
