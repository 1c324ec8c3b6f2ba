import { daemonWanted } from "../daemon-wanted.js";
import type { Invocation } from "../invocation.js";

export async function run(invocation: Invocation<"start">): Promise<number> {
  return daemonWanted(invocation);
}
