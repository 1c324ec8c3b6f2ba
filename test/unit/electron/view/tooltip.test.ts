import { expect, it } from "vitest";
import { menuTemplate } from "../../../../electron/view/menu-template.js";
import { iconShape, tooltip } from "../../../../electron/view/tooltip.js";
import { beat, connected, draining, installed, running, Story } from "../../../fixtures/app/app-story.js";

it.each<[string, Story, string, string]>([
  ["nothing is known yet", new Story(), "looking", "Lockstep: Checking"],
  ["it starts", new Story().tell({ type: "startRequested" }), "starting", "Lockstep: Starting"],
  [
    "it is connected before its start is done",
    new Story().tell({ type: "startRequested" }, connected()),
    "running",
    "Lockstep: In step, 1.4.0",
  ],
  [
    "a start of it is being stopped",
    new Story().tell({ type: "startRequested" }, { type: "stopRequested" }),
    "draining",
    "Lockstep: Stopping",
  ],
  ["it runs", running(), "running", "Lockstep: In step, 1.4.0"],
  [
    "it is out of step",
    new Story().tell(connected({ version: "1.3.2", buildId: "x" })),
    "drifted",
    "Lockstep: Out of step, 1.3.2 (installed 1.4.0)",
  ],
  ["it drains", running().tell(draining()), "draining", "Lockstep: Stopping, 1.4.0"],
  ["it does not respond", running().pass(5000), "unresponsive", "Lockstep: Not responding, 1.4.0"],
  ["it died", running().tell({ type: "disconnected" }), "failed", "Lockstep: Stopped unexpectedly, 1.4.0"],
  ["it was stopped", running().tell(draining(), { type: "disconnected" }), "stopped", "Lockstep: Stopped, 1.4.0"],
  [
    "the app was replaced on disk",
    running().hear({ about: "app", type: "installed", installed: { version: "1.5.0", buildId: undefined } }),
    "running",
    "Lockstep: In step, 1.4.0; relaunch to finish the update",
  ],
])("icon and tooltip when %s", (_, story, icon, text) => {
  expect([iconShape(story.state), tooltip(story.state)]).toEqual([icon, text]);
});

it("a heartbeat changes neither menu nor tooltip, so the panel does not redraw", () => {
  const story = running();
  const before = [JSON.stringify(menuTemplate(story.state)), tooltip(story.state)];
  story.pass(1900).tell(beat({ clients: 99, inFlight: 5 }));
  story.tell({ type: "installed", installed: installed() });
  expect([JSON.stringify(menuTemplate(story.state)), tooltip(story.state)]).toEqual(before);
});
