import type { Identity } from "./identity.js";

/** What a client found where the daemon should be, from its socket, its lifetime lock and its record. */
export type Found =
  /** Nothing listens, and the lifetime lock is free or this kind of daemon has none. */
  | { state: "absent" }
  /** Nothing listens yet: the lifetime lock is taken, or another client has just begun a start or restart. */
  | { state: "starting" }
  /** Nothing listens any more: the lifetime lock is taken, and `identity` is what the daemon has recorded. */
  | { state: "draining"; identity: Identity }
  /** It accepts connections and did not answer `initialize` in time. */
  | { state: "silent" }
  /** It hung up during the handshake, as a daemon does that is being replaced. */
  | { state: "ended" }
  | { state: "answered"; identity: Identity };
