import { describe, expect } from "vitest";
import { IndicatorHost } from "../../fixtures/desktop/indicator-host.js";
import { Sway } from "../../fixtures/desktop/sway.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";
import { it as base } from "../../fixtures/it/with-desktop.js";
import { isAlive, until } from "../../fixtures/sandbox.js";

const NATIVELY = ["--ozone-platform=wayland"];

/** The session bus is that of the usual desktop, whose screen is not used. */
const it = base.override("panel", false).extend("sway", async ({ desktop: _isStarted }, { onCleanup }) => {
  const sway = await Sway.start();
  onCleanup(() => sway.close());
  return sway;
});

describe("under Wayland", () => {
  it("under Wayland the window is shown and quits the app when closed, and a second start shows it again", async ({
    box,
    sway,
    start,
  }) => {
    const app = start({ ...sway.env, TMPDIR: box.root }, NATIVELY);
    await until("the window is shown", () => sway.shows("lockstep"));
    const daemon = await until("the app has started a daemon", () => box.daemons()[0]);
    expect(await start({ ...sway.env, TMPDIR: box.root }, NATIVELY).ended).toBe(0);
    expect(await sway.shows("lockstep")).toBe(true);
    await sway.closeWindow("lockstep");
    expect(await app.ended).toBe(0);
    expect(isAlive(daemon)).toBe(true);
    start({ ...sway.env, TMPDIR: box.root }, NATIVELY);
    await until("the window is shown again", () => sway.shows("lockstep"));
  });

  it("under Wayland a click on the icon shows the window, hides it, and shows it again", async ({
    desktop,
    box,
    sway,
    start,
    onTestFinished,
  }) => {
    const host = await IndicatorHost.start(desktop);
    onTestFinished(() => host.close());
    start({ ...sway.env, TMPDIR: box.root }, NATIVELY);
    await host.indicator("is drawn");
    const item = await TrayItem.find(desktop);
    for (const isShown of [true, false, true]) {
      await item.activate();
      await until(`the window is ${isShown ? "shown" : "hidden"}`, async () => {
        return (await sway.shows("lockstep")) === isShown;
      });
    }
  });
});
