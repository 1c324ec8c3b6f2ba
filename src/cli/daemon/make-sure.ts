import { ensureDaemon } from "../../client/ensure.js";
import { FRESH, type EnsureOptions } from "../../client/ensure-options.js";
import { printEnsured } from "./daemon-line.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { lifecycleReport } from "./lifecycle-report.js";
import { clientIdentity } from "../../client/spec/client-identity.js";

/** Runs `start`, or `restart` if given: makes the full handshake and prints which daemon now runs. */
export async function daemonWanted(
  invocation: Invocation<"start" | "restart">,
  restart?: EnsureOptions["restart"],
): Promise<number> {
  const { options, terminal, json } = invocation;
  const spec = specOf(invocation);
  const ensured = await ensureDaemon(spec, {
    ...FRESH,
    client: clientIdentity(spec, "cli"),
    mayReplaceUnresponsive: true,
    force: options.force === true,
    ...(restart !== undefined && { restart }),
    report: lifecycleReport(terminal, { starts: true }),
  });
  printEnsured(terminal, json, ensured);
  return EXIT.done;
}
