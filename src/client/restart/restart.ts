import { deadline, type Deadline } from "../../wire/deadline.js";
import { prepareDirectory } from "../../state/directory.js";
import { heartbeatAgeMs } from "../../state/recorded-daemon.js";
import { readLedger, recentDriftRestarts } from "../../state/ledger.js";
import { isLocked, type FileLock } from "../../state/lock.js";
import type { Decision, Found } from "../../version/decide.js";
import type { Identity, Installed } from "../../version/identity.js";
import { replaceDaemon, type Replacement } from "./replace.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { watchSocket, type SocketWatch } from "./socket-watch.js";
import { decideOn, useDaemon, type Ensured, type EnsureOptions } from "../ensure-options.js";
import { LifecycleError, RefusedError } from "../lifecycle-errors.js";
import { closeProbe, HANDSHAKE_BOUND_MS, probeDaemon, type Probe } from "../connect/probe.js";
import { refusalError } from "./refusal.js";
import {
  isRestartUnderWay,
  LOCK_BOUND_MS,
  lockWaitOver,
  reportLockWait,
  restartLockDeadline,
  tryRestartLock,
  releaseRestartLock,
} from "./restart-lock.js";
import { jittered } from "../connect/jittered.js";
import { reportIfSlow } from "../progress.js";
import { START_BOUND_MS } from "../spawn/start-daemon.js";
import { durationText } from "../../text/duration.js";

/**
 * The way from "not in step" to a daemon in step. One loop: decide on what was last found; to start or restart, take
 * `restart.lock` and look again under it; while somebody else holds it, look again whenever the directory or the old
 * connection says that something happened, so that a sibling's work is used and never repeated.
 */
export async function startOrRestart(spec: DaemonSpec, options: EnsureOptions, first: Probe): Promise<Ensured> {
  const attempt = new Attempt(spec, options, first);
  try {
    return await attempt.run();
  } finally {
    attempt.end();
  }
}

/** Between two tries for the lock, ms, before jitter. It grows while waiting: events wake us, the tries only make sure. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 100;
const SECOND_HANDSHAKE_BOUND_MS = 1_500;
/** While a daemon is coming or going without our lock, ms. */
const LOOK_AGAIN_MS = 50;
const LOOK_FOR_ANY_MS = 1_000;

type Next = Replacement | (Extract<Decision, { do: "use" | "wait" | "refuse" }> & { installed: Installed });

class Attempt {
  readonly #spec: DaemonSpec;
  readonly #options: EnsureOptions;
  readonly #since = Date.now();
  #watch: SocketWatch | undefined;
  #probe: Probe;
  /** Resolves when the connection of the probe that it was made for has ended. */
  #ended: { of: Probe; closed: Promise<"closed"> } | undefined;
  #lock: FileLock | undefined;
  #did: Ensured["did"] = "used";
  #restarted = false;
  #returned = false;
  /** For our turn under `restart.lock`, and for a daemon that hangs up to listen again. */
  readonly #turn: Deadline;
  /** For a daemon that somebody else starts. */
  readonly #start: Deadline;
  readonly #slow: Disposable;

  constructor(spec: DaemonSpec, options: EnsureOptions, first: Probe) {
    this.#spec = spec;
    this.#options = options;
    this.#probe = first;
    this.#turn = restartLockDeadline(spec, options.signal);
    this.#start = deadline(`a daemon in ${spec.paths.dir}`, START_BOUND_MS, options.signal);
    this.#slow = reportIfSlow(() => this.#sayWhyWeWait(options.report));
  }

  async run(): Promise<Ensured> {
    if (this.#options.mayStart) prepareDirectory(this.#spec.paths);
    this.#watch = watchSocket(this.#spec.paths.socket);
    for (;;) {
      this.#options.signal?.throwIfAborted();
      if (this.#probe.state === "ended") {
        if (this.#turn.passed) throw keepsHangingUp(this.#spec, this.#turn);
        await this.#look(LOOK_AGAIN_MS);
        continue;
      }
      const next = this.#decide();
      switch (next.do) {
        case "use":
          return this.#use(next);
        case "refuse":
          throw this.#refusal(next);
        case "wait":
          if (this.#start.passed && next.for === "daemon") throw noDaemonCame(this.#start);
          // A daemon that nobody is starting may stay away for hours; its coming wakes us.
          await this.#look(next.for === "daemon" ? LOOK_FOR_ANY_MS : LOOK_AGAIN_MS);
          break;
        case "start":
        case "restart":
          if (this.#lock) await this.#replaceDaemon(next, this.#lock);
          else await this.#waitForTurn();
          break;
      }
    }
  }

  end(): void {
    for (const part of [this.#turn, this.#start, this.#slow, this.#watch]) part?.[Symbol.dispose]();
    if (this.#lock) releaseRestartLock(this.#lock);
    if (!this.#returned) closeProbe(this.#probe);
  }

  #decide(): Next {
    const decision = decideOn(this.#spec, this.#options, this.#found(), {
      recentRestarts: recentDriftRestarts(readLedger(this.#spec.paths.restartLock), Date.now()).length,
      // A passive client that waited long enough for somebody else's restart is told so like one of its own.
      restarted: this.#restarted || (this.#options.intent === "passive" && this.#start.passed),
    });
    const { installed } = decision;
    if (this.#wantsRestart(decision)) return { do: "restart", why: "requested", installed };
    return decision.do === "start" ? { do: "start", why: "absent", installed } : decision;
  }

  /** The user asked for a restart, it needs no other reason, and neither we nor a sibling made one since. */
  #wantsRestart(decision: Decision): boolean {
    if (!this.#options.restart || this.#did !== "used" || this.#probe.state !== "answered") return false;
    const startedAt = this.#probe.identity.startedAt;
    if (startedAt !== undefined && Date.parse(startedAt) > this.#since) return false;
    if (decision.do === "use") return decision.other === undefined || this.#options.force;
    return decision.do === "restart" || (decision.do === "refuse" && decision.why === "restart-budget");
  }

  #found(): Found {
    switch (this.#probe.state) {
      case "answered":
        return { state: "answered", identity: this.#probe.identity };
      case "silent":
        return { state: "silent" };
      default:
        return { state: "absent", alive: this.#isAlive(), waitedOut: this.#start.passed };
    }
  }

  #isAlive(): boolean | undefined {
    if (!this.#spec.lifetimeLock) return undefined;
    // Whoever is at work under the restart lock has a daemon on its way; without the lock of our own that is enough.
    return (!this.#lock && isRestartUnderWay(this.#spec)) || isLocked(this.#spec.paths.daemonLock);
  }

  #use(next: Extract<Next, { do: "use" }>): Ensured {
    if (this.#probe.state !== "answered") throw new Error("only an answered probe can be used");
    if (this.#options.restart && next.other !== undefined && this.#did === "used") {
      throw restartWouldDowngrade(this.#spec, this.#probe.identity, next.installed);
    }
    this.#returned = true;
    return useDaemon(this.#spec, this.#options, this.#probe, next, this.#did);
  }

  /** Tries for the lock; failing that, waits for whatever comes first, and looks again. */
  async #waitForTurn(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
      this.#options.signal?.throwIfAborted();
      if (!isRestartUnderWay(this.#spec)) this.#lock = tryRestartLock(this.#spec);
      if (this.#lock) return this.#look(0);
      if (this.#turn.passed) throw lockWaitOver(this.#spec, this.#turn);
      if (await this.#somethingHappened(jittered(pause))) return this.#look(0);
    }
  }

  /** Resolves true when there is reason to look, false when only time passed. */
  async #somethingHappened(ms: number): Promise<boolean> {
    const probe = this.#probe;
    const { signal } = this.#options;
    if (probe.state !== "answered") return (await this.#watch?.next(ms, signal)) !== "time";
    // As long as the old daemon keeps our connection it is the one that listens, however blind we are.
    // One listener for each connection, however often it is waited for.
    if (this.#ended?.of !== probe) this.#ended = { of: probe, closed: closed(probe.socket) };
    const what = await Promise.race([this.#watch?.next(ms, signal), this.#ended.closed]);
    return what === "changed" || probe.socket.destroyed;
  }

  async #look(ms: number): Promise<void> {
    if (ms > 0) await this.#watch?.next(jittered(ms), this.#options.signal);
    // Who was silent for the whole bound once need not be waited for as long again.
    const handshakeMs = this.#probe.state === "silent" ? SECOND_HANDSHAKE_BOUND_MS : HANDSHAKE_BOUND_MS;
    closeProbe(this.#probe);
    this.#probe = { state: "absent" };
    this.#probe = await probeDaemon(this.#spec, this.#options.client, { handshakeMs, signal: this.#options.signal });
  }

  /** Under the lock, on a probe that was made under it. */
  async #replaceDaemon(next: Replacement, lock: FileLock): Promise<void> {
    const before = this.#probe;
    this.#probe = { state: "absent" };
    const after = await replaceDaemon(this.#spec, this.#options, { next, lock, before, watch: this.#watchOrThrow() });
    // Somebody started one by hand at this moment: see what comes of that.
    if (!after) return this.#look(LOOK_AGAIN_MS);
    this.#probe = after;
    this.#did = next.do === "restart" ? "restarted" : "started";
    if (next.do === "restart") this.#restarted = true;
  }

  #refusal(decision: Extract<Next, { do: "refuse" }>): Error {
    const { paths, variables } = this.#spec;
    return refusalError(this.#spec, decision.why, {
      installed: decision.installed,
      daemon: this.#probe.state === "answered" ? this.#probe.identity : undefined,
      ledger: recentDriftRestarts(readLedger(paths.restartLock), Date.now()),
      heartbeatAgeMs: heartbeatAgeMs(paths, Date.now()),
      testVersion: process.env[variables.testVersion],
    });
  }

  #sayWhyWeWait(report: EnsureOptions["report"]): void {
    if (this.#lock || this.#returned) return;
    if (this.#probe.state === "absent" && this.#isAlive()) {
      const what = `the daemon, which holds ${this.#spec.paths.daemonLock} and does not listen yet`;
      report({ kind: "waiting", what, holder: undefined, boundMs: START_BOUND_MS });
    } else reportLockWait(this.#spec, report);
  }

  #watchOrThrow(): SocketWatch {
    if (!this.#watch) throw new Error("the attempt was not run");
    return this.#watch;
  }
}

function closed(socket: {
  destroyed: boolean;
  once(event: "close", listener: () => void): unknown;
}): Promise<"closed"> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve("closed");
    else socket.once("close", () => resolve("closed"));
  });
}

function restartWouldDowngrade(spec: DaemonSpec, daemon: Identity, installed: Installed): RefusedError {
  return new RefusedError(
    `the daemon is ${daemon.version} of ${daemon.installRoot ?? "another installation"}, and this installation is ${installed.version} ` +
      `in ${installed.root}, which is not newer: a restart from here would replace it. ` +
      `Restart it from its own installation, or add --force to ${spec.restartHint}.`,
  );
}

function keepsHangingUp({ paths }: DaemonSpec, { error: cause }: Deadline): LifecycleError {
  return new LifecycleError(
    `whatever listens on ${paths.socket} hung up on every handshake for ${durationText(LOCK_BOUND_MS)}; look at ${paths.log}`,
    { cause },
  );
}

function noDaemonCame({ error }: Deadline): LifecycleError {
  return new LifecycleError(error.message, { cause: error });
}
