import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { liveOf, type DaemonRecord } from "../../electron/model/daemon/daemon-state.js";
import type { DaemonEffect, Effect } from "../../electron/model/effects.js";
import type { AppEvent, DaemonEvent, OperationEvent, StartFailure } from "../../electron/model/events.js";
import { nextTickAt } from "../../electron/model/reduce.js";
import { beat, connected, draining, installed, ROOT, Story } from "../fixtures/app/app-story.js";

/** The same runs each time; a failure prints them with the shortest sequence that fails. */
const RUNS = { seed: 4711, numRuns: 2_000 };
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

  it("is started again where it is to run, whatever happened before an hour in which no daemon is there", () => {
    fc.assert(
      fc.property(history(), (before) => {
        const app = new AppAlone({ ...before, isEmpty: true });
        app.passAnHour();
        expect(app.whyStuck()).toBeUndefined();
      }),
      RUNS,
    );
  });

  it("is not called dead by a notification after a start that succeeded, while no sign of its end has come", () => {
    fc.assert(
      fc.property(history(), fc.boolean(), (before, isEmpty) => {
        const app = new AppAlone({ ...before, isEmpty });
        app.passAnHour();
        expect(app.falseDeaths).toEqual([]);
      }),
      RUNS,
    );
  });

  it("stays stopped after a click on Stop until it is asked for again, and is not started by the app itself", () => {
    fc.assert(
      fc.property(history(), fc.boolean(), (before, isEmpty) => {
        const app = new AppAlone({ ...before, isEmpty });
        app.passAnHour();
        expect([...app.startsAgainstTheStop, ...app.wantedAgainstTheStop]).toEqual([]);
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

/**
 * Undefined if the record may stay as it is, since the connection, the clock or the user brings what comes next. `isEmpty`:
 * no daemon is there, so that nothing stands in the way of a start.
 */
function whyStuck({ state, operation, wanted }: DaemonRecord, isDue: boolean, isEmpty: boolean): string | undefined {
  // The end of a connection is always reported.
  if (isDue || liveOf(state)) return undefined;
  if (operation) return `${operation.kind} has no end`;
  switch (state.is) {
    case "stopped":
      return undefined;
    case "failed":
      return isLeftAlone(state.what, isEmpty) || wanted === "stopped" ? undefined : `${state.what}, and nothing is due`;
    case "unresponsive":
      if (isEmpty) return "unresponsive, though nothing is there";
      // Left alone, with its reason in the window, until it answers, it is gone or the user clicks.
      return state.error === undefined ? "unresponsive, without a reason" : undefined;
    case "starting":
    case "running":
    case "drifted":
    case "draining":
      return `${state.is}, and nothing is due`;
  }
}

/** The window says why nothing more is tried. */
function isLeftAlone(what: Extract<DaemonRecord["state"], { is: "failed" }>["what"], isEmpty: boolean): boolean {
  return what === "crash-loop" || (!isEmpty && (what === "refused" || what === "unreachable"));
}

interface History {
  control: DaemonRecord["control"];
  steps: readonly Step[];
  /** What comes of the app's effects, in turn, and after how long. */
  outcomes: readonly Outcome[];
  /** During the hour no daemon is there, which the follower reports at its beginning and after each start that failed. */
  isEmpty: boolean;
}

type Step = { hear: AppEvent } | { setBack: number } | { pass: number } | { standStill: number } | { answer: number };

interface Outcome {
  afterMs: number;
  start: StartFailure | "started";
  stop: "stopped" | "stopFailed";
}

/**
 * One daemon's record, and what answers the effects: nothing but their outcome, so no connection comes of a start. The
 * outcome of an operation that was aborted comes too, late and in any order.
 */
class AppAlone {
  readonly story = new Story();
  readonly startsAgainstTheStop: Effect[] = [];
  readonly wantedAgainstTheStop: AppEvent[] = [];
  readonly falseDeaths: Effect[] = [];
  readonly illegal = new Set<string>();
  readonly #outcomes: readonly Outcome[];
  readonly #isEmpty: boolean;
  #pending: { effect: DaemonEffect; outcome: Outcome; at: number }[] = [];
  #seen = 0;
  /** A click on Stop was the last that was wished. */
  #isToStop = false;
  /** A start has succeeded, and no sign of the daemon's end has come since. */
  #isAlive = false;
  #isHour = false;

  constructor({ control, steps, outcomes, isEmpty }: History) {
    this.#outcomes = outcomes;
    this.#isEmpty = isEmpty;
    this.story.state = { ...this.story.state, daemons: [{ ...this.record, control }] };
    for (const step of steps) this.#take(step);
  }

  get record(): DaemonRecord {
    return this.story.record;
  }

  passAnHour(): void {
    this.#hear({ about: "machine", type: "resume" });
    this.#isHour = true;
    if (this.#isEmpty) this.#find([{ type: "disconnected" }, { type: "absent" }]);
    const end = this.story.now + HOUR_MS;
    for (let at = this.#nextAt(); at <= end; at = this.#nextAt()) this.#passUntil(at);
    this.#passUntil(end);
  }

  whyStuck(): string | undefined {
    const isDue = this.#pending.length > 0 || nextTickAt(this.story.state) !== undefined;
    return whyStuck(this.record, isDue, this.#isEmpty);
  }

  #take(step: Step): void {
    if ("hear" in step) this.#hear(step.hear);
    else if ("pass" in step) this.#passUntil(this.story.now + step.pass);
    else if ("standStill" in step) this.story.standStill(step.standStill);
    else if ("setBack" in step) this.#setBack(step.setBack);
    else this.#answer(step.answer % Math.max(1, this.#pending.length));
  }

  /** What is still to come takes as long as before. */
  #setBack(ms: number): void {
    this.story.setBack(ms);
    this.#pending = this.#pending.map((one) => ({ ...one, at: one.at - ms }));
    // The app notices it at its next event, at the latest at the tick whose timer runs already.
    this.#hear({ about: "clock", type: "tick" });
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
    const event = eventOf(found.effect, found.outcome);
    this.#find([event]);
    const hasFailed = event.type === "startFailed" || event.type === "stopFailed";
    if (this.#isHour && this.#isEmpty && hasFailed) this.#find([{ type: "absent" }]);
  }

  #find(events: readonly DaemonEvent[]): void {
    for (const event of events) this.#hear({ about: "daemon", id: "lockstep", event });
  }

  #hear(event: AppEvent): void {
    if (event.about === "daemon") this.#note(event.event);
    this.story.hear(event);
    const illegal = illegalIn(this.record);
    if (illegal !== undefined) this.illegal.add(illegal);
    if (this.#isToStop && this.record.wanted === "running") this.wantedAgainstTheStop.push(event);
    const fresh = this.story.allEffects.slice(this.#seen);
    for (const effect of fresh) {
      const outcome = this.#outcomes[this.#seen++ % this.#outcomes.length]!;
      if (effect.do === "notify") {
        if (effect.about === "died" && this.#isAlive) this.falseDeaths.push(effect);
        continue;
      }
      this.#pending.push({ effect, outcome, at: this.story.now + outcome.afterMs });
      if (effect.do !== "stop" && this.#isToStop) this.startsAgainstTheStop.push(effect);
    }
  }

  #note(event: DaemonEvent): void {
    switch (event.type) {
      case "stopRequested":
        this.#isToStop = true;
        break;
      case "appOpened":
      case "startRequested":
      case "restartRequested":
        this.#isToStop = false;
        break;
      case "connected":
        if (event.identity.launchedBy !== SELF) this.#isToStop = false;
        this.#isAlive = true;
        break;
      case "draining":
        if (event.draining.for === "restart" && event.draining.by !== SELF) this.#isToStop = false;
        break;
      case "started":
        if (event.operation === this.record.operation?.id) this.#isAlive = true;
        break;
      case "disconnected":
      case "absent":
      case "unusable":
        this.#isAlive = false;
        break;
      case "startFailed":
        if (event.operation === this.record.operation?.id) this.#isAlive = false;
        break;
      default:
        break;
    }
  }
}

/** The app of the story, and a client of another kind. */
const SELF = "tray (pid 40)";
const OTHER = "cli (pid 812)";

function eventOf({ do: what, operation }: DaemonEffect, { start, stop }: Outcome): DaemonEvent {
  if (what === "stop") {
    return stop === "stopped" ? { type: stop, operation } : { type: stop, operation, error: "cannot be proven" };
  }
  return start === "started"
    ? { type: start, operation }
    : { type: "startFailed", operation, kind: start, error: "exit 1" };
}

function history(): fc.Arbitrary<History> {
  return fc.record({
    control: fc.constant("full" as const),
    steps: fc.array(step(), { maxLength: 30 }),
    outcomes: fc.array(outcome(), { minLength: 1, maxLength: 5 }),
    isEmpty: fc.constant(false),
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
    { weight: 1, arbitrary: fc.constantFrom(5, 5_000, HOUR_MS).map((setBack) => ({ setBack })) },
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
  const by = fc.constantFrom(SELF, OTHER);
  const pid = fc.integer({ min: 2, max: 4 });
  const identity = fc.record({ pid, heartbeatMs, installRoot: root(), launchedBy: by });
  /** Of any operation, also one that was replaced by another long ago. */
  const operation = fc.nat(4);
  const placed = fc.nat(5).map((n) => ({ key: String(n), at: n, breadcrumb: { kind: "ready", pid: n } as const }));
  return fc.oneof(
    fc.constantFrom<DaemonEvent>(
      { type: "disconnected" },
      { type: "absent" },
      { type: "appOpened" },
      { type: "startRequested" },
      { type: "restartRequested" },
      { type: "restartRequested", force: true },
      { type: "stopRequested" },
      { type: "problemDismissed" },
      { type: "ledger", entries: [] },
      beat(),
      { type: "status", status: { clients: 1, inFlight: 0, rssBytes: 1, servers: [] } },
    ),
    fc.tuple(identity, versions()).map(([facts, version]) => connected({ ...facts, ...version })),
    fc.tuple(endsFor, by).map(([what, who]) => draining({ for: what, by: who })),
    failure.map((kind): DaemonEvent => ({ type: "unusable", kind, error: "no answer" })),
    fc.tuple(operationEvent(failure), operation).map(([event, id]): DaemonEvent => ({ ...event, operation: id })),
    fc.tuple(versions(), root()).map(([version, at]): DaemonEvent => {
      return { type: "installed", installed: installed({ ...version, root: at }) };
    }),
    fc.array(placed, { maxLength: 3 }).map((added): DaemonEvent => ({ type: "breadcrumbs", added })),
  );
}

function operationEvent(failure: fc.Arbitrary<StartFailure>): fc.Arbitrary<OperationEvent> {
  return fc.oneof(
    fc.constantFrom<OperationEvent>(
      { type: "progress", progress: { kind: "starting", now: "1.4.0", root: ROOT } },
      { type: "started" },
      { type: "stopped" },
      { type: "stopFailed", error: "cannot be proven" },
    ),
    failure.map((kind): OperationEvent => ({ type: "startFailed", kind, error: "exit 1" })),
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
