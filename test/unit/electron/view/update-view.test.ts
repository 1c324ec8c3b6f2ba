import { describe, expect, it } from "vitest";
import type { UpdateState } from "../../../../electron/model/app-state.js";
import { menuTemplate } from "../../../../electron/view/menu-template.js";
import { windowView } from "../../../../electron/view/build-view.js";
import { lineText } from "../../../../src/text/ticking-line.js";
import { beat, running, T0, type Story } from "../../../fixtures/app/app-story.js";

const FAILED = { is: "failed", error: "The disk is full." } as const;

function storyWith(update: UpdateState, inFlight = 0): Story {
  return running().tell(beat({ inFlight })).hear({ about: "app", type: "update", update });
}

function settings(story: Story): [text: string, button: string | undefined, percent: number | undefined] {
  const { text, button, percent } = windowView(story.state).app.updates;
  return [lineText(text, T0 + 60_000), button?.label, percent];
}

const menu = (story: Story): string[] =>
  menuTemplate(story.state)
    .map((item) => (item.kind === "separator" ? "" : item.label))
    .filter((label) => /update|Downloading/i.test(label));

describe("an update in the settings and in the menu", () => {
  it.each<[UpdateState, ReturnType<typeof settings>, string[]]>([
    [{ is: "idle", checkedAt: undefined }, ["Not checked yet", "Check for updates", undefined], ["Check for updates"]],
    [
      { is: "idle", checkedAt: T0 },
      ["Up to date, checked 1 min ago", "Check for updates", undefined],
      ["Check for updates"],
    ],
    [{ is: "checking" }, ["Checking for updates", undefined, undefined], ["Checking for updates…"]],
    [
      { is: "downloading", version: "1.5.0", received: 0, total: undefined },
      ["Downloading 1.5.0", undefined, undefined],
      ["Downloading 1.5.0…"],
    ],
    [
      { is: "downloading", version: "1.5.0", received: 34e6, total: 120e6 },
      ["Downloading 1.5.0: 34 MB of 120 MB", undefined, 28],
      ["Downloading 1.5.0…"],
    ],
    [
      { ...FAILED, nextAt: T0 + 360_000 },
      ["The disk is full. Lockstep 1.4.0 keeps running; next try in 5 min.", "Try again", undefined],
      ["The update failed", "Try the update again"],
    ],
    [
      { ...FAILED, nextAt: undefined },
      ["The disk is full. Lockstep 1.4.0 keeps running.", "Try again", undefined],
      ["The update failed", "Try the update again"],
    ],
  ])("shows %o in the settings and in the menu", (update, wanted, items) => {
    const story = storyWith(update);
    expect(settings(story)).toEqual(wanted);
    expect(menu(story)).toEqual([...items, "Update automatically"]);
  });

  it("an update that is ready shows how many calls a restart would interrupt", () => {
    const ready = { is: "ready", version: "1.5.0" } as const;
    expect(windowView(storyWith(ready).state).daemon.banners[0]).toMatchObject({
      title: "Update 1.5.0 is ready",
      text: "Restart the app to install it; quitting installs it too.",
      button: { label: "Restart to update", command: { do: "restart-to-update" } },
    });
    const busy = storyWith(ready, 2);
    expect(windowView(busy.state).daemon.banners[0]?.text).toBe(
      "2 calls are running: a restart waits up to 5 s before it interrupts calls.",
    );
    expect(menu(busy)).toEqual(["Restart to update (2 calls are running)", "Update automatically"]);
  });

  it("an app that can't update itself says why, and shows no switch", () => {
    const off = storyWith({ is: "off", why: "Updates are off: apt installed it." });
    expect(settings(off)).toEqual(["Updates are off: apt installed it.", undefined, undefined]);
    expect(windowView(off.state).app.updates.canUpdateItself).toBe(false);
    expect(menu(off)).toEqual(["Updates are off"]);
  });
});
