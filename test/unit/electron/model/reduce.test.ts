import { describe, expect, it } from "vitest";
import type { UpdateState } from "../../../../electron/model/app-state.js";
import type { AppEvent } from "../../../../electron/model/events.js";
import { DEFAULT_SETTINGS } from "../../../../electron/settings/settings.js";
import { connected, GONE, running, Story, T0 } from "../../../fixtures/app/app-story.js";

describe("the app's start", () => {
  it("the daemon's state is unknown until the first look", () => {
    expect(new Story().record.state).toMatchObject({ is: "stopped", why: { is: "unknown" } });
  });

  it("the app starts its daemon, and shows it running once it connects in step", () => {
    const story = new Story().tell({ type: "startRequested" });
    expect([story.is, story.did]).toEqual(["starting", ["start (requested)"]]);
    story.tell(connected(), { type: "started" });
    expect([story.is, story.record.operation]).toEqual(["running", undefined]);
  });

  it("the app's own start does not replace a daemon that does not answer; a click does", () => {
    const story = new Story().tell({ type: "appOpened" });
    expect([story.is, story.did]).toEqual(["starting", ["start (opened)"]]);
    story.tell({ type: "startFailed", kind: "unresponsive", error: "no answer" });
    expect([story.is, story.didAll]).toEqual(["unresponsive", ["start (opened)"]]);
    expect(story.tell({ type: "startRequested" }).did).toEqual(["restart (unresponsive)"]);
  });

  it("two start requests start one daemon", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "startRequested" });
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("the progress of a start is kept in its operation", () => {
    const progress = { kind: "waiting", what: "the restart lock", holder: "cli (pid 812)", boundMs: 60_000 } as const;
    const story = new Story().tell({ type: "startRequested" }, { type: "progress", progress });
    expect(story.record.operation).toMatchObject({ kind: "start", progress: { at: T0, what: progress } });
  });

  it("a first look that finds no daemon makes it stopped (absent)", () => {
    expect(new Story().tell({ type: "absent" }).record.state).toMatchObject({ is: "stopped", why: { is: "absent" } });
    expect(running().tell({ type: "absent" }).is).toBe("running");
  });
});

describe("several daemons", () => {
  it("several daemons are told apart by their ids", () => {
    const story = running();
    const second = { ...story.record, id: "other", control: "read-only" as const };
    story.state = { ...story.state, daemons: [story.record, second] };
    story.hear({ about: "daemon", id: "other", event: GONE });
    expect(story.state.daemons.map(({ state }) => state.is)).toEqual(["running", "stopped"]);
    expect(story.hear({ about: "app", type: "selected", id: "other" }).state.selected).toBe("other");
    expect(story.hear({ about: "app", type: "selected", id: "unknown" }).state.selected).toBe("other");
  });
});

describe("the list of daemons", () => {
  const about = (id: string, dir = `/h/.${id}`) => {
    return { id, name: id, control: "read-only", paths: { dir, log: `${dir}/serve.log` } } as const;
  };

  it("a daemon that stays in the list keeps its record, a new one begins, and one in another directory begins anew", () => {
    const story = running();
    const own = { ...story.record };
    story.hear({ about: "app", type: "listed", daemons: [own, about("a"), about("b")] });
    for (const id of ["a", "b"]) story.hear({ about: "daemon", id, event: connected() });
    story.hear({ about: "app", type: "listed", daemons: [own, about("b"), about("a", "/elsewhere"), about("c")] });
    expect(story.state.daemons.map(({ id, state }) => `${id} ${state.is}`)).toEqual([
      "lockstep running",
      "b running",
      "a stopped",
      "c stopped",
    ]);
  });

  it("where the selected daemon has left the list, the app's own is selected", () => {
    const story = running();
    const own = { ...story.record };
    story.hear({ about: "app", type: "listed", daemons: [own, about("a")] });
    story.hear({ about: "app", type: "selected", id: "a" });
    expect(story.hear({ about: "app", type: "listed", daemons: [own] }).state.selected).toBe("lockstep");
  });
});

describe("an update that is ready", () => {
  const update = (is: UpdateState): AppEvent => ({ about: "app", type: "update", update: is });
  const ready = update({ is: "ready", version: "1.5.0" });

  it("an update that is ready gives one notification", () => {
    const story = new Story().hear(update({ is: "checking" }), ready, ready);
    const notes = story.allEffects.filter((effect) => effect.do === "notify");
    expect(notes).toMatchObject([{ about: "update-ready", title: "Lockstep 1.5.0 is ready" }]);
  });

  it("an update that is ready is not notified while notifications are off", () => {
    const story = new Story({ settings: { ...DEFAULT_SETTINGS, notifications: false } }).hear(ready);
    expect(story.allEffects).toEqual([]);
  });
});
