import { daemonWanted } from "../daemon/make-sure.js";
import type { Invocation } from "../invocation.js";
import { LONGEST_DRAIN_S, readSeconds } from "../terminal/seconds.js";

export async function run(invocation: Invocation<"restart">): Promise<number> {
  const { reason, timeout } = invocation.options;
  const drainMs = readSeconds("--timeout", timeout, LONGEST_DRAIN_S);
  return daemonWanted(invocation, { reason, ...(drainMs !== undefined && { drainMs }) });
}
