import type { DaemonRecord, Operation } from "./daemon-state.js";
import type { DaemonEffect, Effect } from "../effects.js";
import type { Context, Step } from "../step.js";
import { inState, starting } from "./next-state.js";

/** What an operation does, before it is numbered. */
type Doing<E = DaemonEffect> = E extends DaemonEffect ? Omit<E, "daemon" | "operation"> : never;

/** Begins an operation, in place of one that is under way: that one is aborted, and its outcome no longer counts. */
export function begin(record: DaemonRecord, kind: Operation["kind"], doing: Doing, { now }: Context): Step {
  const id = record.operations + 1;
  const operation: Operation = { id, kind, since: now, progress: undefined };
  const effect: DaemonEffect = { ...doing, daemon: record.id, operation: id };
  return { record: { ...record, operations: id, operation, problem: undefined }, effects: [effect] };
}

/** A start without a click at this moment: by the app itself, or after a stop that was taken back. */
export function startAgain(record: DaemonRecord, why: Extract<Effect, { do: "start" }>["why"], context: Context): Step {
  const after = record.state.is === "failed" ? "death" : "nothing";
  return begin(inState(record, starting("ours", after, context.now)), "start", { do: "start", why }, context);
}
