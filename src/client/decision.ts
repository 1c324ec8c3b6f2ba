import { decide, type Decision, type History } from "../version/decide.js";
import type { Found } from "../version/found.js";
import type { Installed } from "../version/identity.js";
import type { Connected } from "./connect/probe.js";
import type { Ensured, EnsureOptions } from "./ensure-options.js";
import type { DaemonSpec } from "./spec/daemon-spec.js";

/** A decision, with what was installed when it was made. */
export type OwnDecision = Decision & { installed: Installed };

/** What this client does about what it found. What is installed is read at this moment; throws what that throws. */
export function decideOn(spec: DaemonSpec, options: EnsureOptions, found: Found, history: History): OwnDecision {
  const installed = spec.installed();
  const { intent, mayStart, mayReplaceUnresponsive, force } = options;
  return { ...decide({ ...history, found, installed, intent, mayStart, mayReplaceUnresponsive, force }), installed };
}

/**
 * Makes the connection the result, and reports the notice that goes with it. Throws the RpcError of a hosted server that
 * cannot be used.
 */
export function useDaemon(
  spec: DaemonSpec,
  options: EnsureOptions,
  { peer, socket, client, initialized, identity, serverProblem }: Connected,
  { other, tell, installed }: Extract<OwnDecision, { do: "use" }>,
  did: Ensured["did"],
): Ensured {
  if (serverProblem) {
    peer.close();
    throw serverProblem;
  }
  if (other && tell) {
    options.report({ kind: "notice", notice: other, daemon: identity, installed });
    if (spec.control?.noticed) peer.notify(spec.control.noticed, { installRoot: installed.root });
  }
  return { peer, socket, client, initialized, identity, did };
}
