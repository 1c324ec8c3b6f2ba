import { ensureDaemon } from "../../client/ensure.js";
import { FRESH, type Ensured } from "../../client/ensure-options.js";
import { specOf } from "../invocation.js";
import { lifecycleReport } from "./lifecycle-report.js";
import type { Terminal } from "../terminal/terminal.js";
import { clientIdentity } from "../../client/spec/client-identity.js";

/**
 * Opens a session with one hosted server, or with all of them if `server` is undefined. The daemon is started or restarted
 * first if necessary, within the time that `signal` leaves. `notifications/initialized` is sent together with the first
 * request, in one write. `capabilities`: what the client can do for the server.
 */
export async function openSession(
  invocation: { readonly dir: string | undefined; readonly terminal: Terminal },
  server?: string,
  signal?: AbortSignal,
  capabilities: Record<string, unknown> = {},
): Promise<Ensured> {
  const spec = specOf(invocation);
  const session = await ensureDaemon(spec, {
    ...FRESH,
    client: {
      ...clientIdentity(spec, "cli", { heartbeat: true, ...(server !== undefined && { server }) }),
      capabilities,
    },
    ...(signal && { signal }),
    report: lifecycleReport(invocation.terminal, { starts: false }),
  });
  session.peer.notify("notifications/initialized");
  return session;
}
