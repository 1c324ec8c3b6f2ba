import type { Identity, Installed } from "../../../src/index.js";
import type { Draining, Heartbeat } from "../../../src/wire/control.js";
import type { AppState } from "../../../electron/app-state/app-state.js";
import { newRecord, type DaemonRecord } from "../../../electron/app-state/daemon-state.js";
import type { AppEvent, DaemonEvent, Effect } from "../../../electron/app-state/events.js";
import { nextTickAt, reduce } from "../../../electron/app-state/reduce.js";
import { DEFAULT_SETTINGS } from "../../../electron/app-state/settings.js";

export const T0 = Date.parse("2026-11-23T14:00:00Z");
export const ROOT = "/opt/lockstep/dist";

/** An app told of one thing after the other, with a clock of its own. */
export class Story {
  now = T0;
  state: AppState;
  effects: Effect[] = [];
  /** Every effect since the beginning. */
  readonly allEffects: Effect[] = [];

  constructor(more: Partial<AppState> = {}) {
    const about = {
      id: "lockstep",
      name: "lockstep",
      control: "full",
      paths: { dir: "/h/.lockstep", log: "/h/.lockstep/serve.log" },
    } as const;
    this.state = {
      daemons: [newRecord(about, T0)],
      selected: "lockstep",
      app: {
        pid: 40,
        home: "/h",
        version: "1.4.0",
        buildId: "b14",
        platform: "linux",
        onDisk: undefined,
        update: { is: "off", why: "" },
      },
      settings: DEFAULT_SETTINGS,
      asleep: false,
      ...more,
    };
  }

  tell(...events: DaemonEvent[]): this {
    return this.hear(...events.map((event) => ({ about: "daemon", id: "lockstep", event }) as const));
  }

  hear(...events: AppEvent[]): this {
    for (const event of events) {
      const { state, effects } = reduce(this.state, event, this.now);
      this.state = state;
      this.effects = effects;
      this.allEffects.push(...effects);
    }
    return this;
  }

  /** Lets time pass as the app would live it: ticking whenever the state asks for it. */
  pass(ms: number): this {
    const until = this.now + ms;
    for (let at = nextTickAt(this.state); at !== undefined && at <= until; at = nextTickAt(this.state)) {
      this.now = Math.max(this.now, at);
      const before = this.state;
      this.hear({ about: "clock", type: "tick" });
      if (JSON.stringify(this.state) === JSON.stringify(before))
        throw new Error("a tick that was asked for changed nothing");
    }
    this.now = until;
    return this;
  }

  /** Time in which nothing of this program runs: no tick, no event. */
  standStill(ms: number): this {
    this.now += ms;
    return this;
  }

  get record(): DaemonRecord {
    return this.state.daemons[0]!;
  }

  get is(): string {
    return this.record.state.is;
  }

  /** The effects of the last event, shortly. */
  get did(): string[] {
    return this.effects.map(shortly);
  }

  get didAll(): string[] {
    return this.allEffects.map(shortly);
  }
}

export function running(more: Partial<AppState> = {}): Story {
  return new Story(more).tell(
    { type: "startRequested" },
    { type: "connected", identity: daemon(), installed: installed() },
    { type: "started" },
  );
}

export function daemon(more: Partial<Identity> = {}): Identity {
  return {
    version: "1.4.0",
    protocol: 1,
    buildId: "b14",
    installRoot: ROOT,
    execPath: "/usr/bin/node",
    pid: 48213,
    startedAt: new Date(T0).toISOString(),
    launchedBy: "tray (pid 40)",
    heartbeatMs: 2000,
    noticed: false,
    ...more,
  };
}

export function installed(more: Partial<Installed> = {}): Installed {
  return { version: "1.4.0", buildId: "b14", protocol: 1, root: ROOT, ...more };
}

export function beat(more: Partial<Heartbeat> = {}): DaemonEvent {
  return { type: "heartbeat", beat: { seq: 1, at: 0, lagMs: 1, rssBytes: 44e6, clients: 3, inFlight: 0, ...more } };
}

export function connected(more: Partial<Identity> = {}, disk: Installed = installed()): DaemonEvent {
  return { type: "connected", identity: daemon(more), installed: disk };
}

export function draining(more: Partial<Draining> = {}): DaemonEvent {
  return { type: "draining", draining: { reason: "stop", by: "cli (pid 812)", deadlineMs: T0 + 5000, ...more } };
}

function shortly(effect: Effect): string {
  switch (effect.do) {
    case "start":
    case "restart":
      return `${effect.do} (${effect.why})`;
    case "stop":
      return "stop";
    case "notify":
      return `notify (${effect.about})`;
  }
}
