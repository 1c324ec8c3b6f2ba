import { decide, type Decision, type Facts, type Found } from "../version/decide.js";
import type { Installed } from "../version/identity.js";
import type { DaemonSpec } from "./spec/daemon-spec.js";
import type { ClientIdentity } from "../wire/handshake.js";
import type { Connected, Probe } from "./connect/probe.js";
import type { Progress } from "./progress.js";

/** What a client wants, and what it may do for it. */
export interface EnsureOptions {
  client: ClientIdentity;
  /** `fresh`: an act of the user. `passive`: a bridge, or a client that reconnects on its own: it never restarts. */
  intent: "fresh" | "passive";
  mayStart: boolean;
  mayReplaceUnresponsive: boolean;
  force: boolean;
  /** Restart also when nothing drifted. */
  restart?: { reason: string | undefined; drainMs?: number };
  /** Told of everything that takes time or that the user should know. */
  report: (progress: Progress) => void;
  /** Ends every wait. */
  signal?: AbortSignal;
}

export interface Ensured extends Connected {
  did: "used" | "started" | "restarted";
}

/** What an ordinary command of the user's may do. */
export const FRESH: Pick<EnsureOptions, "intent" | "mayStart" | "mayReplaceUnresponsive" | "force"> = {
  intent: "fresh",
  mayStart: true,
  mayReplaceUnresponsive: false,
  force: false,
};

/** The decision on what was found, with what is installed read at this moment. */
export function decideOn(
  spec: DaemonSpec,
  options: EnsureOptions,
  found: Found,
  extra: Partial<Pick<Facts, "recentRestarts" | "restarted">> = {},
): Decision & { installed: Installed } {
  const installed = spec.installed();
  const { intent, mayStart, mayReplaceUnresponsive, force } = options;
  const facts = {
    found,
    installed,
    intent,
    mayStart,
    mayReplaceUnresponsive,
    force,
    recentRestarts: 0,
    restarted: false,
    ...extra,
  };
  return { ...decide(facts), installed };
}

/** Takes the probed connection as the result, with the notice that goes with it. */
export function useDaemon(
  spec: DaemonSpec,
  options: EnsureOptions,
  probe: Extract<Probe, { state: "answered" }>,
  decision: Extract<Decision, { do: "use" }> & { installed: Installed },
  did: Ensured["did"],
): Ensured {
  if (decision.other && decision.tell) {
    options.report({ kind: "notice", notice: decision.other, daemon: probe.identity, installed: decision.installed });
    const noticed = spec.control?.noticed;
    if (noticed) probe.peer.notify(noticed, { installRoot: decision.installed.root });
  }
  const { peer, socket, initialized, identity } = probe;
  return { peer, socket, initialized, identity, did };
}
