import { isSubscription } from "../../mcp/era.js";
import { otherEra, serverUnavailable, type Refusal } from "../../mcp/refusals.js";
import type { ServerProcess } from "../process/server-process.js";
import { Turn, type CallTurns } from "./call-turns.js";
import type { OpenRequest, OpenRequests } from "./open-requests.js";
import type { Port } from "./port.js";
import { FairShare } from "./fair-share.js";
import { StartQueue } from "./start-queue.js";

export interface SenderOptions {
  server: string;
  /** How long a call may wait for its turn, and a sent request for its answer, ms. */
  timeoutMs: number;
  turns: CallTurns;
  process: ServerProcess;
  open: OpenRequests;
  /** Several clients share the process. */
  isShared: boolean;
  refuse(open: OpenRequest, refusal: Refusal): void;
  /** A request was given to the process. */
  onSent(open: OpenRequest): void;
}

/** Sends open requests to their process: at once, when it has started, or when it is the call's turn. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #queue = new StartQueue();
  readonly #share: FairShare<OpenRequest>;
  #isClosed = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#share = new FairShare({
      write: (open, frame) => this.#write(open, frame),
      isOpen: ({ id }) => options.open.get(id) !== undefined,
    });
  }

  send(open: OpenRequest, frame: Buffer): void {
    const { turns, timeoutMs } = this.#options;
    if (turns.limit === Infinity || open.method !== "tools/call") return this.#begin(open, frame);
    open.turn = new Turn(turns, open.port, () => this.#begin(open, frame));
    open.turn.take();
    if (open.turn.isWaiting) this.#options.open.limit(open, timeoutMs);
  }

  /** The process is ready: sends what has waited for that. */
  onReady(): void {
    for (const { open, frame } of this.#queue.take()) {
      if (this.#options.open.get(open.id) === open) this.#writeInTurn(open, frame);
    }
  }

  /** The session is over. */
  forget(port: Port): void {
    this.#share.forget(port);
  }

  /** Lets go of all requests that wait. */
  dropWaiting(): void {
    this.#queue.take();
    this.#share.clear();
    this.#options.open.stopWaiting();
  }

  /** Refuses all further requests, since the process is being replaced. */
  close(): void {
    this.#isClosed = true;
  }

  /** Writes it, or lets it wait for the server's start, which has a time limit of its own. */
  #begin(open: OpenRequest, frame: Buffer): void {
    open.deadline = Infinity;
    const demand = this.#isClosed ? CLOSED : this.#options.process.demand();
    switch (demand.now) {
      case "ready":
        return this.#writeInTurn(open, frame);
      case "wait":
        return this.#queue.add(open, frame);
      case "refused":
        return this.#options.refuse(open, serverUnavailable(this.#options.server, demand.why));
    }
  }

  #writeInTurn(open: OpenRequest, frame: Buffer): void {
    // What stays open on purpose is answered at its end only.
    if (!this.#options.isShared || isSubscription(open.method)) return this.#write(open, frame);
    this.#share.send(open, frame);
    const { open: requests, timeoutMs } = this.#options;
    if (open.sent === undefined && requests.get(open.id) === open) requests.limit(open, timeoutMs);
  }

  #write(open: OpenRequest, frame: Buffer): void {
    const { process, server, timeoutMs } = this.#options;
    const { asker, era, port } = open;
    if (era !== process.era) return this.#options.refuse(open, otherEra(server, process.era));
    const sent = process.send(frame);
    // A server that is just ending takes nothing; its end is reported in a moment.
    if (sent === undefined || sent.fate === "failed-before") return;
    open.sent = sent;
    if (!isSubscription(open.method)) this.#options.open.limit(open, timeoutMs);
    if (asker.kind === "client" && frame.length > KEPT_BYTES) asker.request = undefined;
    if (!sent.roomLeft) process.onDrain(port.hold("its server reads more slowly than it writes"));
    this.#options.onSent(open);
  }
}

const CLOSED = { now: "refused", why: "The server is being replaced. Try again." } as const;

/** Larger requests are not kept beside their frame for the sake of a tool's name. */
const KEPT_BYTES = 64 * 1024;
