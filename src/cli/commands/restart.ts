import { daemonWanted } from "../daemon-wanted.js";
import type { Invocation } from "../invocation.js";
import { LONGEST_DRAIN_S, readSeconds } from "../seconds.js";

export async function run(invocation: Invocation<"restart">): Promise<number> {
  const { reason, timeout } = invocation.options;
  const drainMs = readSeconds("--timeout", timeout, LONGEST_DRAIN_S);
  return daemonWanted(invocation, { reason, ...(drainMs !== undefined && { drainMs }) });
}
