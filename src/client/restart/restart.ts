import { prepareDirectory } from "../../state/directory.js";
import { heartbeatAgeMs } from "../../state/recorded-daemon.js";
import { readLedger, recentDriftRestarts } from "../../state/ledger.js";
import type { FileLock } from "../../state/lock.js";
import type { History } from "../../version/decide.js";
import { deadline } from "../../wire/deadline.js";
import { completeProbe, findDaemon, findWithoutSocket, type FoundDaemon } from "../connect/find.js";
import { jittered } from "../connect/jittered.js";
import { HANDSHAKE_BOUND_MS, hangUp, type Probe } from "../connect/probe.js";
import { decideOn, useDaemon, type OwnDecision } from "../decision.js";
import type { Ensured, EnsureOptions } from "../ensure-options.js";
import { reportIfSlow } from "../progress.js";
import { START_BOUND_MS } from "../spawn/start-daemon.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { keepsHangingUp, noDaemonCame } from "./gave-up.js";
import { refusalError } from "./refusal.js";
import { replaceDaemon, type Replacement } from "./replace.js";
import { releaseRestartLock } from "./restart-lock.js";
import { watchSocket, type SocketWatch } from "./socket-watch.js";
import { reportLockWait, reportStartWait, TURN_BOUND_MS, turnDeadline, waitForTurn } from "./wait-for-turn.js";

/**
 * Starts or restarts the daemon, or waits for another client to do it, until one in step answers. Each round decides
 * on what was last found. To start or restart, this client takes `restart.lock` and probes again under it; while another
 * client holds the lock, it waits, and uses what that client has done, so that no work is repeated.
 * Takes over `probe`. Throws what `ensureDaemon` throws, and the signal's reason when `options.signal` aborts.
 */
export async function startOrRestart(spec: DaemonSpec, options: EnsureOptions, probe: Probe): Promise<Ensured> {
  const attempt = new Attempt(spec, options, completeProbe(spec, probe, true));
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
/** A daemon that was silent for the whole HANDSHAKE_BOUND_MS once gets this long at later probes, ms. */
const SECOND_HANDSHAKE_BOUND_MS = 1_500;

class Attempt {
  readonly #spec: DaemonSpec;
  readonly #options: EnsureOptions;
  readonly #began = Date.now();
  #found: FoundDaemon;
  /** `restart.lock`, once it is this client's turn. */
  #lock: FileLock | undefined;
  #did: Ensured["did"] = "used";

  constructor(spec: DaemonSpec, options: EnsureOptions, first: FoundDaemon) {
    this.#spec = spec;
    this.#options = options;
    this.#found = first;
  }

  async run(): Promise<Ensured> {
    const { paths } = this.#spec;
    const { signal } = this.#options;
    if (this.#options.mayStart) prepareDirectory(paths);
    using watch = watchSocket(paths.socket);
    using turn = turnDeadline(this.#spec, signal);
    using handshake = deadline(`a handshake on ${paths.socket}`, TURN_BOUND_MS, signal);
    using otherStart = deadline(`a daemon in ${paths.dir}`, START_BOUND_MS, signal);
    using _slow = reportIfSlow(() => this.#reportWait());
    for (;;) {
      signal?.throwIfAborted();
      const decision = this.#decide(otherStart.passed);
      switch (decision.do) {
        case "use":
          return this.#use(decision);
        case "refuse":
          throw this.#refusal(decision);
        case "wait":
          if (decision.for === "daemon" && otherStart.passed) throw noDaemonCame(otherStart);
          if (decision.for === "handshake" && handshake.passed) throw keepsHangingUp(this.#spec, handshake);
          await watch.next(jittered(decision.for === "daemon" ? FIND_ANY_MS : FIND_AGAIN_MS), signal);
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
      startedSince: this.#found.state === "answered" && Date.parse(this.#found.identity.startedAt ?? "") > this.#began,
      restarted: this.#did === "restarted",
      waitedOut,
      recentRestarts: recentDriftRestarts(ledger, Date.now()).length,
    };
    return decideOn(this.#spec, this.#options, this.#found, history);
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
      await watch.next(jittered(FIND_AGAIN_MS), this.#options.signal);
      await this.#findAgain();
    }
  }

  #use(decision: Extract<OwnDecision, { do: "use" }>): Ensured {
    const found = this.#take();
    if (found.state !== "answered") throw new Error("only a daemon that answered can be used");
    return useDaemon(this.#spec, this.#options, found, decision, this.#did);
  }

  #refusal(decision: Extract<OwnDecision, { do: "refuse" }>): Error {
    const { paths, variables } = this.#spec;
    return refusalError(this.#spec, decision.why, {
      installed: decision.installed,
      daemon: this.#found.state === "answered" ? this.#found.identity : undefined,
      ledger: recentDriftRestarts(readLedger(paths.restartLock), Date.now()),
      heartbeatAgeMs: heartbeatAgeMs(paths, Date.now()),
      testVersion: process.env[variables.testVersion],
    });
  }

  #reportWait(): void {
    const { report } = this.#options;
    if (this.#lock) return;
    const connected = this.#found.state === "answered" || this.#found.state === "silent";
    const isComing = !connected && findWithoutSocket(this.#spec, true).state !== "absent";
    if (isComing) reportStartWait(this.#spec, report);
    else reportLockWait(this.#spec, report);
  }

  /** Hands what was found, with its connection, to the caller. */
  #take(): FoundDaemon {
    const found = this.#found;
    this.#found = { state: "absent" };
    return found;
  }
}
