import type { Envelope } from "../../wire/envelope.js";
import type { Offering } from "../offer.js";
import type { Port } from "../route/port.js";
import type { BridgeViews } from "../bridge-views.js";
import type { ServerTable } from "../server-table.js";

/** One client's conversation with one hosted server, or with all of them. */
export interface Session extends Offering {
  /** Takes what the client sends, except what is for the daemon itself. Answers go to the client. */
  handle(envelope: Envelope): void;
  /** True while the client waits for an answer. */
  readonly owesAnswers: boolean;
  /** The client sends nothing more, and still gets its answers. */
  endInput(): void;
  /** The client disconnected: its open requests are cancelled. */
  close(): void;
}

/** What a session needs of the hosted servers. */
export interface SessionContext {
  table: ServerTable;
  bridgeViews: BridgeViews;
  /** True while the daemon shuts down. */
  isRefusing(): boolean;
  onClosed(port: Port): void;
}
