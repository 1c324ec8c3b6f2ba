import { untilAborted } from "../../src/client/follow/until-aborted.js";
import { ensureDaemon } from "../../src/client/ensure.js";
import { FRESH, type Ensured, type EnsureOptions } from "../../src/client/ensure-options.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import { stopDaemon } from "../../src/client/stop/stop-daemon.js";
import type { ClientIdentity } from "../../src/wire/handshake.js";
import type { DaemonEffect } from "../model/effects.js";
import type { OperationEvent } from "../model/events.js";
import { failureOf } from "./link-events.js";

export interface OperationContext {
  spec: DaemonSpec;
  client: ClientIdentity;
  /** Puts the runtime that a daemon is started from in place. */
  prepare: () => Promise<void>;
  report: (event: OperationEvent) => void;
  /** Ends every wait of the operation. A process that was launched before then still comes up. */
  signal: AbortSignal;
}

/**
 * Carries out one effect, and reports its progress and, unless it was aborted, its outcome. Resolves with the connection
 * to the daemon that was started, after that was reported; with undefined in all other cases. Never rejects.
 */
export async function carryOut(effect: DaemonEffect, context: OperationContext): Promise<Ensured | undefined> {
  const { spec, signal } = context;
  const report = (event: OperationEvent): void => {
    if (!signal.aborted) context.report(event);
  };
  const onProgress: EnsureOptions["report"] = (progress) => report({ type: "progress", progress });
  try {
    if (effect.do === "stop") {
      await stopDaemon(spec, { role: "tray", report: onProgress, signal });
      report({ type: "stopped" });
      return undefined;
    }
    // Other uses of the runtime need it, so it is put in place even if this operation is aborted.
    await untilAborted(context.prepare(), signal);
    const connection = await ensureDaemon(spec, { ...optionsOf(effect, context), report: onProgress });
    if (signal.aborted) {
      connection.peer.close();
      return undefined;
    }
    report({ type: "started" });
    return connection;
  } catch (error) {
    const { message } = error as Error;
    report(
      effect.do === "stop"
        ? { type: "stopFailed", error: message }
        : { type: "startFailed", kind: failureOf(error), error: message },
    );
    return undefined;
  }
}

function optionsOf(
  effect: Exclude<DaemonEffect, { do: "stop" }>,
  { client, signal }: OperationContext,
): Omit<EnsureOptions, "report"> {
  switch (effect.do) {
    case "start":
      // A daemon that does not answer is replaced at a click only.
      return { ...FRESH, client, mayReplaceUnresponsive: effect.why === "requested", signal };
    case "restart":
      return {
        ...FRESH,
        client,
        mayReplaceUnresponsive: true,
        force: effect.force,
        restart: { reason: effect.why === "unresponsive" ? "it did not answer" : "requested in the app" },
        signal,
      };
  }
}
