import type { ClientIdentity } from "../wire/handshake.js";
import type { Decision } from "../version/decide.js";
import type { Connected } from "./connect/probe.js";
import type { Progress } from "./progress.js";

/** What a client needs, and what it may do to get it. */
export interface EnsureOptions {
  client: ClientIdentity;
  /** `fresh`: the user ran a command. `passive`: a bridge, or a client that reconnects; it never restarts on drift. */
  intent: "fresh" | "passive";
  mayStart: boolean;
  /** A daemon that does not answer may be killed and replaced. */
  mayReplaceUnresponsive: boolean;
  /** The restart budget does not count, and `restart` may replace a newer installation's daemon. */
  force: boolean;
  /** Restart even when the daemon is in step. `drainMs`: how long running calls may go on. */
  restart?: { reason: string | undefined; drainMs?: number };
  /** Receives everything that takes time or that the user should know. */
  report: (progress: Progress) => void;
  /**
   * Called again and again while another client, or the daemon itself, has to do something first: `start` or end
   * (`drain`) it, `restart` one that cannot be used, or bring up any `daemon` at all, where none may be started here.
   */
  onWait?: (what: WaitsFor) => void;
  /** Ends every wait, with the signal's reason. A daemon that is being started then still comes up. */
  signal?: AbortSignal;
}

export type WaitsFor = Extract<Decision, { do: "wait" }>["for"];

export interface Ensured extends Connected {
  did: "used" | "started" | "restarted";
}

/** What an ordinary command may do. */
export const FRESH: Pick<EnsureOptions, "intent" | "mayStart" | "mayReplaceUnresponsive" | "force"> = {
  intent: "fresh",
  mayStart: true,
  mayReplaceUnresponsive: false,
  force: false,
};
