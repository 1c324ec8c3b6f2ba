import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { liveOf, type DaemonRecord } from "../../electron/model/daemon/daemon-state.js";
import type { Effect } from "../../electron/model/effects.js";
import type { AppEvent, DaemonEvent, StartFailure } from "../../electron/model/events.js";
import { nextTickAt } from "../../electron/model/reduce.js";
import { beat, connected, draining, installed, ROOT, Story } from "../fixtures/app/app-story.js";

/** The same runs each time; a failure prints them with the shortest sequence that fails. */
const RUNS = { seed: 4711, numRuns: 3_000 };
const HOUR_MS = 3_600_000;

describe("the daemon in the app", () => {
  it("is never stuck, whatever happened before an hour in which nothing else happens", () => {
    fc.assert(
      fc.property(history(), (before) => {
        const app = new AppAlone(before);
        app.passAnHour();
        expect(app.whyStuck()).toBeUndefined();
      }),
      RUNS,
    );
  });

  it("is not started by the app itself while it is to stay stopped", () => {
    fc.assert(
      fc.property(history(), (before) => {
        const app = new AppAlone(before);
        app.passAnHour();
        expect(app.startsAgainstTheStop).toEqual([]);
      }),
      RUNS,
    );
  });

  it("keeps to the combinations of state, operation, wanted and problem that daemon-state.ts lists", () => {
    fc.assert(
      fc.property(history(), (before) => {
        const app = new AppAlone(before);
        app.passAnHour();
        expect([...app.illegal]).toEqual([]);
      }),
      RUNS,
    );
  });

  it("is only looked at where it is another tool's", () => {
    fc.assert(
      fc.property(history(), (before) => {
        const app = new AppAlone({ ...before, control: "read-only" });
        app.passAnHour();
        expect(app.story.allEffects.filter((effect) => effect.do !== "notify")).toEqual([]);
      }),
      RUNS,
    );
  });
});

function illegalIn({ control, state, operation, wanted, problem }: DaemonRecord): string | undefined {
  if (operation && control === "read-only") return "an operation on another tool's daemon";
  if (operation && operation.kind !== "stop" && wanted === "stopped") return `${operation.kind} against the stop`;
  if (operation && problem) return "the problem of an earlier operation beside a new one";
  if (state.is === "failed" && state.retryAt !== undefined && wanted === "stopped") return "a retry against the stop";
  return undefined;
}

/** Undefined if the record may stay as it is, since the connection, the clock or the user brings what comes next. */
function whyStuck({ state, operation, wanted }: DaemonRecord, isDue: boolean): string | undefined {
  // The end of a connection is always reported.
  if (isDue || liveOf(state)) return undefined;
  if (operation) return `${operation.kind} has no end`;
  switch (state.is) {
    case "stopped":
      return undefined;
    case "failed":
      return isLeftAlone(state.what) || wanted === "stopped" ? undefined : `${state.what}, and nothing is due`;
    case "unresponsive":
      // Left alone: nothing reports that a daemon which never answered has gone, so this state stays, with its reason in
      // the window, until another daemon connects or the user clicks.
      return state.error === undefined ? "unresponsive, without a reason" : undefined;
    case "starting":
    case "running":
    case "drifted":
    case "draining":
      return `${state.is}, and nothing is due`;
  }
}

/** The window says why nothing more is tried. */
function isLeftAlone(what: Extract<DaemonRecord["state"], { is: "failed" }>["what"]): boolean {
  return what === "crash-loop" || what === "refused" || what === "unreachable";
}

interface History {
  control: DaemonRecord["control"];
  steps: readonly Step[];
  /** What comes of the app's effects, in turn, and after how long. */
  outcomes: readonly Outcome[];
}

type Step = { hear: AppEvent } | { pass: number } | { standStill: number } | { answer: number };

interface Outcome {
  afterMs: number;
  start: StartFailure | "started";
  stop: "stopped" | "stopFailed";
}

/** One daemon's record, and what answers the effects: nothing but their outcome, so no connection comes of a start. */
class AppAlone {
  readonly story = new Story();
  readonly startsAgainstTheStop: Effect[] = [];
  readonly illegal = new Set<string>();
  readonly #outcomes: readonly Outcome[];
  #pending: { effect: Effect; outcome: Outcome; at: number }[] = [];
  #seen = 0;

  constructor({ control, steps, outcomes }: History) {
    this.#outcomes = outcomes;
    this.story.state = { ...this.story.state, daemons: [{ ...this.record, control }] };
    for (const step of steps) this.#take(step);
  }

  get record(): DaemonRecord {
    return this.story.record;
  }

  passAnHour(): void {
    this.#hear({ about: "machine", type: "resume" });
    const end = this.story.now + HOUR_MS;
    for (let at = this.#nextAt(); at <= end; at = this.#nextAt()) this.#passUntil(at);
    this.#passUntil(end);
  }

  whyStuck(): string | undefined {
    const isDue = this.#pending.length > 0 || nextTickAt(this.story.state) !== undefined;
    return whyStuck(this.record, isDue);
  }

  #take(step: Step): void {
    if ("hear" in step) this.#hear(step.hear);
    else if ("pass" in step) this.#passUntil(this.story.now + step.pass);
    else if ("standStill" in step) this.story.standStill(step.standStill);
    else this.#answer(step.answer % Math.max(1, this.#pending.length));
  }

  #nextAt(): number {
    const times = this.#pending.map(({ at }) => at);
    return Math.max(this.story.now, Math.min(...times, nextTickAt(this.story.state) ?? Infinity));
  }

  /** Ticks whenever the state asks for it; the outcomes of effects come when they are due. */
  #passUntil(end: number): void {
    const late = this.#pending.findIndex(({ at }) => at <= end);
    if (late >= 0) {
      this.#answer(late);
      return;
    }
    const tickAt = nextTickAt(this.story.state);
    this.story.now = end;
    if (tickAt === undefined || tickAt > end) return;
    this.#hear({ about: "clock", type: "tick" });
    const again = nextTickAt(this.story.state);
    if (again !== undefined && again <= tickAt) throw new Error("a tick asks for itself, which never ends");
  }

  #answer(index: number): void {
    const [found] = this.#pending.splice(index, 1);
    if (!found) return;
    this.story.now = Math.max(this.story.now, found.at);
    this.#hear({ about: "daemon", id: "lockstep", event: eventOf(found.effect, found.outcome) });
  }

  #hear(event: AppEvent): void {
    this.story.hear(event);
    const illegal = illegalIn(this.record);
    if (illegal !== undefined) this.illegal.add(illegal);
    const fresh = this.story.allEffects.slice(this.#seen);
    for (const effect of fresh) {
      const outcome = this.#outcomes[this.#seen++ % this.#outcomes.length]!;
      if (effect.do === "notify") continue;
      this.#pending.push({ effect, outcome, at: this.story.now + outcome.afterMs });
      const ownDecision = effect.do === "start" && effect.why !== "requested";
      if (ownDecision && this.record.wanted === "stopped") this.startsAgainstTheStop.push(effect);
    }
  }
}

function eventOf(effect: Effect, { start, stop }: Outcome): DaemonEvent {
  if (effect.do === "stop") return stop === "stopped" ? { type: stop } : { type: stop, error: "cannot be proven" };
  return start === "started" ? { type: start } : { type: "startFailed", kind: start, error: "exit 1" };
}

function history(): fc.Arbitrary<History> {
  return fc.record({
    control: fc.constant("full" as const),
    steps: fc.array(step(), { maxLength: 30 }),
    outcomes: fc.array(outcome(), { minLength: 1, maxLength: 5 }),
  });
}

function step(): fc.Arbitrary<Step> {
  const time = fc.constantFrom(1, 100, 1_000, 2_500, 5_000, 20_000, 70_000);
  return fc.oneof(
    {
      weight: 8,
      arbitrary: daemonEvent().map((event): Step => ({ hear: { about: "daemon", id: "lockstep", event } })),
    },
    { weight: 3, arbitrary: time.map((pass) => ({ pass })) },
    { weight: 2, arbitrary: fc.nat(3).map((answer) => ({ answer })) },
    { weight: 1, arbitrary: fc.constantFrom(5_000, HOUR_MS).map((standStill) => ({ standStill })) },
    { weight: 1, arbitrary: otherEvent().map((hear) => ({ hear })) },
  );
}

function outcome(): fc.Arbitrary<Outcome> {
  return fc.record({
    afterMs: fc.constantFrom(10, 2_000, 40_000),
    start: fc.constantFrom("started" as const, "failed", "refused", "unresponsive"),
    stop: fc.constantFrom("stopped" as const, "stopFailed"),
  });
}

function otherEvent(): fc.Arbitrary<AppEvent> {
  return fc.oneof(
    fc.constantFrom<AppEvent>(
      { about: "machine", type: "suspend" },
      { about: "machine", type: "resume" },
      { about: "clock", type: "tick" },
    ),
    versions().map((on): AppEvent => ({ about: "app", type: "installed", installed: on })),
  );
}

function daemonEvent(): fc.Arbitrary<DaemonEvent> {
  const failure = fc.constantFrom<StartFailure>("refused", "unresponsive", "failed");
  const endsFor = fc.constantFrom("stop" as const, "restart", "upgrade", "fault");
  const heartbeatMs = fc.constantFrom(2_000, undefined);
  const identity = fc.record({ pid: fc.integer({ min: 2, max: 4 }), heartbeatMs, installRoot: root() });
  const placed = fc.nat(5).map((n) => ({ key: String(n), at: n, breadcrumb: { kind: "ready", pid: n } as const }));
  return fc.oneof(
    fc.constantFrom<DaemonEvent>(
      { type: "disconnected" },
      { type: "absent" },
      { type: "startRequested" },
      { type: "restartRequested" },
      { type: "restartRequested", force: true },
      { type: "stopRequested" },
      { type: "progress", progress: { kind: "starting", now: "1.4.0", root: ROOT } },
      { type: "started" },
      { type: "stopped" },
      { type: "stopFailed", error: "cannot be proven" },
      { type: "problemDismissed" },
      { type: "ledger", entries: [] },
      beat(),
      { type: "status", status: { clients: 1, inFlight: 0, rssBytes: 1, servers: [] } },
    ),
    fc.tuple(identity, versions()).map(([facts, version]) => connected({ ...facts, ...version })),
    endsFor.map((what) => draining({ for: what })),
    failure.map((kind): DaemonEvent => ({ type: "unusable", kind, error: "no answer" })),
    failure.map((kind): DaemonEvent => ({ type: "startFailed", kind, error: "exit 1" })),
    fc.tuple(versions(), root()).map(([version, at]): DaemonEvent => {
      return { type: "installed", installed: installed({ ...version, root: at }) };
    }),
    fc.array(placed, { maxLength: 3 }).map((added): DaemonEvent => ({ type: "breadcrumbs", added })),
  );
}

function versions(): fc.Arbitrary<{ version: string; buildId: string }> {
  return fc.constantFrom(
    { version: "1.3.0", buildId: "b13" },
    { version: "1.4.0", buildId: "b14" },
    { version: "1.5.0", buildId: "b15" },
  );
}

function root(): fc.Arbitrary<string> {
  return fc.constantFrom(ROOT, "/other");
}
