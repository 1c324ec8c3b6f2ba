import { describe, expect, it } from "vitest";
import { connected, GONE, installed, RESTART_BY_CLI, running, Story } from "../../../../fixtures/app/app-story.js";

const NEW_BUILD = installed({ version: "1.5.0", buildId: "b15" });

describe("drift", () => {
  const older = connected({ version: "1.3.2", buildId: "b13" });

  it("drift found by the following connection is shown and not acted on", () => {
    const story = new Story().tell(older);
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { order: "daemon-older", installation: "same" } });
    expect(story.didAll).toEqual([]);
  });

  it("drift in the app's own installation ends by a restart if the app's code is the installed one", () => {
    const story = running().tell({ type: "installed", installed: installed() });
    expect([story.is, story.did]).toEqual(["running", []]);
    const back = new Story().tell(older, { type: "installed", installed: installed() });
    expect([back.is, back.did]).toEqual(["drifted", ["start (drift)"]]);
  });

  it("drift is left to the relaunch once the app's files were replaced", () => {
    const onDisk = { version: "1.5.0", buildId: "b15" };
    const story = running().hear({ about: "app", type: "installed", installed: onDisk });
    story.tell({ type: "installed", installed: NEW_BUILD });
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { order: "daemon-older" } });
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("drift found during another client's restart starts nothing", () => {
    const story = running().tell(RESTART_BY_CLI, { type: "installed", installed: NEW_BUILD });
    expect([story.is, story.did]).toEqual(["draining", []]);
    story.tell(GONE, { type: "installed", installed: NEW_BUILD });
    expect([story.is, story.did]).toEqual(["starting", []]);
    story.tell(connected({ version: "1.5.0", buildId: "b15", pid: 3 }, NEW_BUILD));
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)"]]);
  });

  it("drift found during the app's own restart does not restart again", () => {
    const story = new Story().tell(older, { type: "restartRequested" }, { type: "installed", installed: installed() });
    expect(story.didAll).toEqual(["restart (requested)"]);
  });

  it("drift whose restart was refused is not tried again until something changes", () => {
    const refused = { type: "startFailed", kind: "refused", error: "budget" } as const;
    const story = new Story().tell(older, { type: "installed", installed: installed() }, refused);
    expect([story.is, story.record.problem?.refused]).toEqual(["drifted", true]);
    story.tell({ type: "installed", installed: installed() });
    expect(story.didAll.filter((did) => did.startsWith("start"))).toEqual(["start (drift)"]);
  });

  it("drift of another installation's daemon is not acted on", () => {
    const foreign = connected({ version: "1.3.2", installRoot: "/home/u/checkout/dist" });
    const story = new Story().tell(foreign, { type: "installed", installed: installed() });
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { installation: "other" } });
    expect(story.didAll).toEqual([]);
  });

  it("drift ends when the daemon's version becomes the installed one", () => {
    const story = running().tell({ type: "installed", installed: installed({ version: "1.3.9", buildId: "x" }) });
    expect(story.is).toBe("drifted");
    expect(story.tell({ type: "installed", installed: installed() }).is).toBe("running");
  });

  it("a new version on disk starts a daemon that could not be started", () => {
    const refused = { type: "startFailed", kind: "refused", error: "protocol" } as const;
    const story = new Story().tell({ type: "installed", installed: installed() }, { type: "startRequested" }, refused);
    expect(story.tell({ type: "installed", installed: installed() }).did).toEqual([]);
    expect(story.tell({ type: "installed", installed: NEW_BUILD }).did).toEqual(["start (drift)"]);
  });
});
