import { daemonWanted } from "../daemon/make-sure.js";
import type { Invocation } from "../invocation.js";

export async function run(invocation: Invocation<"start">): Promise<number> {
  return daemonWanted(invocation);
}
