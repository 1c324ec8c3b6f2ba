import { prepareDirectory } from "../../state/directory.js";
import { heartbeatAgeMs, otherHostOf, readRecordedDaemon } from "../../state/recorded-daemon.js";
import { readLedger, recentDriftRestarts } from "../../state/ledger.js";
import type { FileLock } from "../../state/lock.js";
import type { History } from "../../version/decide.js";
import type { Identity } from "../../version/identity.js";
import { completeProbe, findDaemon, findWithoutSocket, type FoundDaemon } from "../connect/find.js";
import { jittered } from "../connect/jittered.js";
import { HANDSHAKE_BOUND_MS, hangUp, type Probe } from "../connect/probe.js";
import { decideOn, useDaemon, type OwnDecision } from "../decision.js";
import type { Ensured, EnsureOptions, WaitsFor } from "../ensure-options.js";
import { reportIfSlow } from "../progress.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { listenerText } from "../stop/proven-process.js";
import { noDaemonCame } from "./gave-up.js";
import { refusalError } from "./refusal.js";
import { replaceDaemon, type Replacement } from "./replace.js";
import { releaseRestartLock } from "./restart-lock.js";
import { watchSocket, type SocketWatch } from "./socket-watch.js";
import { StartBound } from "./start-bound.js";
import { connectionOf, reportLockWait, reportStartWait, TurnBound, untilClosed, waitForTurn } from "./wait-for-turn.js";

/**
 * Starts or restarts the daemon, or waits for another client to do it, until one in step answers. Each round decides
 * on what was last found. To start or restart, this client takes `restart.lock` and probes again under it; while another
 * client holds the lock, it waits, and uses what that client has done, so that no work is repeated.
 * Takes over `probe`. Throws what `ensureDaemon` throws, and the signal's reason when `options.signal` aborts.
 */
export async function startOrRestart(spec: DaemonSpec, options: EnsureOptions, probe: Probe): Promise<Ensured> {
  const { client, signal } = options;
  const found = await completeProbe(spec, client, probe, { signal, expectSibling: true });
  const attempt = new Attempt(spec, options, found);
  try {
    return await attempt.run();
  } finally {
    attempt.end();
  }
}

/** Between two probes while a daemon is starting or ending without this client's help, ms. */
const FIND_AGAIN_MS = 50;
/** The same while no daemon is expected: it may stay away for hours, and the socket's appearance ends the pause. */
const FIND_ANY_MS = 1_000;
/** The same while a daemon is connected that another client may replace: the connection's end shows that it has. */
const FIND_OTHER_MS = 10_000;
/** A daemon that was silent for the whole HANDSHAKE_BOUND_MS once gets this long at later probes, ms. */
const SECOND_HANDSHAKE_BOUND_MS = 1_500;

class Attempt {
  readonly #spec: DaemonSpec;
  readonly #options: EnsureOptions;
  /** The daemon that was there when the request was made; undefined if it could not be asked. */
  readonly #first: Identity | undefined;
  #found: FoundDaemon;
  /** `restart.lock`, once it is this client's turn. */
  #lock: FileLock | undefined;
  #did: Ensured["did"] = "used";

  constructor(spec: DaemonSpec, options: EnsureOptions, first: FoundDaemon) {
    this.#spec = spec;
    this.#options = options;
    this.#found = first;
    this.#first = identityAtFirst(spec, first);
  }

  async run(): Promise<Ensured> {
    const { paths } = this.#spec;
    const { signal } = this.#options;
    if (this.#options.mayStart) prepareDirectory(paths);
    using watch = watchSocket(paths.socket);
    using turn = new TurnBound(this.#spec, signal);
    using bound = new StartBound(this.#spec, signal);
    using _slow = reportIfSlow(() => this.#reportWait());
    for (;;) {
      signal?.throwIfAborted();
      const waitedOut = bound.isOver(this.#found);
      const decision = this.#decide(waitedOut);
      switch (decision.do) {
        case "use":
          return this.#use(decision);
        case "refuse":
          throw await this.#refusal(decision);
        case "wait":
          if (waitedOut) throw noDaemonCame(bound.error);
          this.#options.onWait?.(decision.for);
          await this.#nextChange(decision.for, watch);
          await this.#findAgain();
          break;
        case "start":
        case "restart":
          if (this.#lock) {
            await this.#replace(decision, this.#lock, watch);
          } else {
            this.#lock = await waitForTurn(this.#spec, this.#found, { watch, turn, signal });
            await this.#findAgain();
          }
          break;
      }
    }
  }

  end(): void {
    if (this.#lock) releaseRestartLock(this.#lock);
    hangUp(this.#found);
  }

  #decide(waitedOut: boolean): OwnDecision {
    const ledger = readLedger(this.#spec.paths.restartLock);
    const history: History = {
      restartAsked: this.#options.restart !== undefined && this.#did === "used",
      startedSince: this.#startedSince(),
      restarted: this.#did === "restarted",
      waitedOut,
      recentRestarts: recentDriftRestarts(ledger, Date.now()).length,
    };
    return decideOn(this.#spec, this.#options, this.#found, history);
  }

  /** Another daemon than the first one answers. Its start time cannot say that: the clock may have been set since. */
  #startedSince(): boolean {
    if (this.#found.state !== "answered") return false;
    const { pid, startedAt } = this.#found.identity;
    if (pid === undefined) return false;
    return pid !== this.#first?.pid || startedAt !== this.#first.startedAt;
  }

  /** Waits until another probe is worthwhile. */
  async #nextChange(what: WaitsFor, watch: SocketWatch): Promise<void> {
    const { signal } = this.#options;
    const socket = connectionOf(this.#found)?.socket;
    if (!socket) {
      await watch.next(jittered(what === "daemon" ? FIND_ANY_MS : FIND_AGAIN_MS), { signal });
      return;
    }
    // Every handshake is work for the daemon and news for its other clients, and its answer would be the same.
    const closed = untilClosed(socket);
    while ((await watch.next(jittered(FIND_OTHER_MS), { signal, or: closed })) === "blind");
  }

  async #findAgain(): Promise<void> {
    const handshakeMs = this.#found.state === "silent" ? SECOND_HANDSHAKE_BOUND_MS : HANDSHAKE_BOUND_MS;
    hangUp(this.#take());
    this.#found = await findDaemon(this.#spec, this.#options.client, {
      handshakeMs,
      signal: this.#options.signal,
      expectSibling: this.#lock === undefined,
    });
  }

  /** Under the lock, on what was found under it. */
  async #replace(decision: Replacement, lock: FileLock, watch: SocketWatch): Promise<void> {
    const before = this.#take();
    const after = await replaceDaemon(this.#spec, this.#options, { next: decision, lock, before, watch });
    if (after) {
      this.#found = after;
      // A start that follows a restart does not undo it.
      this.#did = decision.do === "restart" || this.#did === "restarted" ? "restarted" : "started";
    } else {
      await watch.next(jittered(FIND_AGAIN_MS), { signal: this.#options.signal });
      await this.#findAgain();
    }
  }

  #use(decision: Extract<OwnDecision, { do: "use" }>): Ensured {
    const found = this.#take();
    if (found.state !== "answered") throw new Error("only a daemon that answered can be used");
    return useDaemon(this.#spec, this.#options, found, decision, this.#did);
  }

  async #refusal(decision: Extract<OwnDecision, { do: "refuse" }>): Promise<Error> {
    const { paths, variables } = this.#spec;
    const isListening =
      this.#found.state === "silent" || this.#found.state === "noise" || this.#found.state === "refusing";
    const recorded = readRecordedDaemon(paths);
    return refusalError(this.#spec, decision.why, {
      installed: decision.installed,
      found: this.#found,
      ledger: recentDriftRestarts(readLedger(paths.restartLock), Date.now()),
      otherHost: recorded && otherHostOf(recorded),
      heartbeatAgeMs: heartbeatAgeMs(paths, Date.now()),
      listener: isListening ? await listenerText(this.#spec) : undefined,
      testVersion: process.env[variables.testVersion],
    });
  }

  #reportWait(): void {
    const { report } = this.#options;
    if (this.#lock) return;
    const found =
      connectionOf(this.#found) || this.#found.state === "silent" ? undefined : findWithoutSocket(this.#spec, true);
    if (found && found.state !== "absent") reportStartWait(this.#spec, found, report);
    else reportLockWait(this.#spec, report);
  }

  /** Hands what was found, with its connection, to the caller. */
  #take(): FoundDaemon {
    const found = this.#found;
    this.#found = { state: "absent" };
    return found;
  }
}

/** One that does not answer is known by its record. What comes after none at all has started since. */
function identityAtFirst(spec: DaemonSpec, first: FoundDaemon): Identity | undefined {
  switch (first.state) {
    case "answered":
    case "draining":
      return first.identity;
    case "silent":
    case "refusing":
    case "noise":
      return readRecordedDaemon(spec.paths)?.identity;
    case "absent":
    case "starting":
      return undefined;
  }
}
