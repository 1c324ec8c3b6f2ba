import { describe, expect } from "vitest";
import { MENU, TEXT } from "../../fixtures/app/app-window.js";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { IndicatorHost } from "../../fixtures/desktop/indicator-host.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";
import { it as base } from "../../fixtures/it/with-desktop.js";
import { until } from "../../fixtures/sandbox.js";

/** A desktop whose tray icons are shown as GNOME's extension "AppIndicator" shows them. */
const it = base
  .override("panel", false)
  .extend("withPanel", true)
  .extend("host", async ({ desktop, withPanel }, { onCleanup }) => {
    const host = await IndicatorHost.start(desktop, { withPanel });
    onCleanup(() => host.close());
    return host;
  });

const windowIsShown = (desktop: Desktop) => (): Promise<boolean> => desktop.shows("Lockstep");
const windowIsHidden = (desktop: Desktop) => async (): Promise<boolean> => !(await desktop.shows("Lockstep"));

describe("where tray icons are shown as on GNOME", () => {
  it("the icon is resolved with pixels, tooltip and menu, and follows the daemon's state", async ({
    desktop,
    host,
    start,
  }) => {
    start();
    const running = await host.indicator("says that the daemon is in step", (one) => one.tooltip.includes(TEXT.inStep));
    expect(running.status).toBe("Active");
    expect(running.itemIsMenu).toBe(false);
    expect(running.pictures.length).toBeGreaterThan(0);
    // Some pixels are opaque and some are not: a drawing, not a square.
    const alphas = running.pictures.flatMap(({ pixels }) => [...pixels.filter((_, at) => at % 4 === 0)]);
    expect(alphas.filter((alpha) => alpha > 200).length).toBeGreaterThan(20);
    expect(alphas.filter((alpha) => alpha === 0).length).toBeGreaterThan(20);

    const item = await TrayItem.find(desktop);
    await item.choose(MENU.stop);
    const stopped = await host.indicator("says that the daemon is stopped", ({ tooltip }) =>
      TEXT.stopped.test(tooltip),
    );
    const drawn = await host.indicator("is drawn anew", ({ pictures }) => !samePixels(pictures, running.pictures));
    expect(drawn.id).toBe(stopped.id);
    expect(host.problems).toEqual([]);
  });

  it("a click on the icon and the entry of its menu show the window, and the icon goes with a killed app", async ({
    desktop,
    box,
    host,
    start,
  }) => {
    // What a killed app leaves in the temporary directory is removed with the box.
    const app = start({ TMPDIR: box.root });
    await host.indicator("is drawn");
    const item = await TrayItem.find(desktop);
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
    await item.activate();
    await until("the window is hidden", windowIsHidden(desktop));
    await item.choose(MENU.open);
    await until("the window is shown", windowIsShown(desktop));
    app.process.kill("SIGKILL");
    await until("the icon is gone", () => host.size === 0);
  });
});

describe("where a watcher runs without a panel", () => {
  const withoutPanel = it.override("withPanel", false);

  withoutPanel(
    "the window is shown, and gives way to the icon when the panel comes",
    async ({ desktop, host, start }) => {
      start();
      await until("the window is shown", windowIsShown(desktop));
      host.setPanel(true);
      await host.indicator("is drawn in the panel");
      const item = await TrayItem.find(desktop);
      expect(await item.tooltip()).toContain("Lockstep");
      expect(await TrayItem.count(desktop)).toBe(1);
    },
  );
});

function samePixels(some: { pixels: Buffer }[], others: { pixels: Buffer }[]): boolean {
  return some.every(({ pixels }, n) => others[n]?.pixels.equals(pixels) ?? false);
}
