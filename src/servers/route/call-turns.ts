import type { Port } from "./port.js";

/**
 * Lets at most `limit` tool calls of a configured server run at once, over all its processes: some servers lose writes
 * when calls overlap. The others wait: each client's calls in their order, and the clients in turn.
 */
export class CallTurns {
  readonly limit: number;
  #running = 0;
  /** In the order in which the clients get their next turn. */
  readonly #waiting = new Map<Port, Set<Turn>>();
  #isBeginning = false;
  #isClosed = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Calls `turn.begin` when it is that call's turn: at once, or when calls before it have ended. */
  wait(turn: Turn): void {
    const waiting = this.#waiting.get(turn.port) ?? new Set<Turn>();
    this.#waiting.set(turn.port, waiting.add(turn));
    this.#beginNext();
  }

  /** The call of a turn has ended. */
  leave(): void {
    this.#running--;
    this.#beginNext();
  }

  /** The call of this turn will not be made. */
  giveUp(turn: Turn): void {
    const waiting = this.#waiting.get(turn.port);
    if (waiting?.delete(turn) === true && waiting.size === 0) this.#waiting.delete(turn.port);
  }

  /** From now on waiting calls are not started. */
  close(): void {
    this.#isClosed = true;
  }

  /** A call that fails at once ends its turn in here, so this is a loop and no recursion. */
  #beginNext(): void {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    try {
      while (!this.#isClosed && this.#running < this.limit) {
        const next = this.#takeNext();
        if (next === undefined) return;
        this.#running++;
        next.begin();
      }
    } finally {
      this.#isBeginning = false;
    }
  }

  #takeNext(): Turn | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [port, waiting] = first;
    const [turn] = waiting;
    if (turn !== undefined) this.giveUp(turn);
    // The client goes to the end of the line.
    if (this.#waiting.delete(port)) this.#waiting.set(port, waiting);
    return turn;
  }
}

/** One call's turn. */
export class Turn {
  readonly port: Port;
  readonly #turns: CallTurns;
  readonly #start: () => void;
  #state: "new" | "waiting" | "running" | "ended" = "new";

  constructor(turns: CallTurns, port: Port, start: () => void) {
    this.#turns = turns;
    this.port = port;
    this.#start = start;
  }

  get isWaiting(): boolean {
    return this.#state === "waiting";
  }

  /** Calls `start` when the turn has come. */
  take(): void {
    this.#state = "waiting";
    this.#turns.wait(this);
  }

  begin(): void {
    this.#state = "running";
    this.#start();
  }

  /** The call has ended, or will not be made. May be called more than once. */
  end(): void {
    const state = this.#state;
    this.#state = "ended";
    if (state === "waiting") this.#turns.giveUp(this);
    else if (state === "running") this.#turns.leave();
  }
}
