import type { Identity } from "./identity.js";

/**
 * What a client found where the daemon should be, from its socket, its lifetime lock and its record. The first three do
 * not listen; the others were connected to.
 */
export type Found =
  /** Nothing listens and nothing is under way. */
  | { state: "absent" }
  /** Nothing listens yet: the lifetime lock is taken, or another client has begun a start or restart. */
  | { state: "starting" }
  /** Nothing listens any more: the process that holds the lifetime lock has recorded `identity`, and is ending. */
  | {
      state: "draining";
      identity: Identity;
      /** Epoch ms by which its running calls are answered; undefined if it has none, or did not record it. */
      deadlineMs: number | undefined;
    }
  /** It accepts connections and did not answer `initialize` in time. */
  | { state: "silent" }
  /** It answered `initialize` with an error. */
  | { state: "refusing"; code: number; message: string }
  /** It does not speak MCP: `problem` says what it did instead, as "it …". */
  | { state: "noise"; problem: string }
  | { state: "answered"; identity: Identity };
