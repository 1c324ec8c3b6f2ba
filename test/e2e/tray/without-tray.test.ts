import type { Rectangle } from "electron";
import type { ElectronApplication } from "playwright";
import { describe, expect } from "vitest";
import { AppWindow, TEXT } from "../../fixtures/app/app-window.js";
import { windowPage } from "../../fixtures/app/tray-app.js";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";
import { it as base } from "../../fixtures/it/with-desktop.js";
import { isAlive, until, type Sandbox } from "../../fixtures/sandbox.js";

const it = base.override("panel", false);

const windowIsShown = (desktop: Desktop) => (): Promise<boolean> => desktop.shows("Lockstep");
const windowIsHidden = (desktop: Desktop) => async (): Promise<boolean> => !(await desktop.shows("Lockstep"));

async function boundsOf(app: ElectronApplication): Promise<Rectangle> {
  return app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    if (!window) throw new Error("the app has no window");
    return window.getBounds();
  });
}

/** The app starts the daemon as soon as it knows whether there is a panel. */
async function appIsUp(box: Sandbox): Promise<number> {
  return until("the app has started a daemon", () => box.daemons()[0]);
}

describe("a panel that comes and goes", () => {
  it("an app that is started hidden before the panel shows its icon when the panel comes, and no window", async ({
    desktop,
    box,
    start,
  }) => {
    start({}, ["--hidden"]);
    await appIsUp(box);
    await desktop.startPanel();
    const item = await TrayItem.find(desktop);
    expect(await desktop.shows("Lockstep")).toBe(false);
    expect((await item.menu()).length).toBeGreaterThan(0);
    expect(await until("the icon has a tooltip", () => item.tooltip())).toContain("Lockstep");
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
  });

  it("the window is shown once no panel has come or come back for a while, and the icon instead of it when one comes", async ({
    desktop,
    box,
    start,
  }) => {
    start({}, ["--hidden"]);
    await appIsUp(box);
    expect(await desktop.shows("Lockstep")).toBe(false);
    await until("the window is shown without a panel", windowIsShown(desktop));
    await desktop.startPanel();
    await until("the window gives way to the icon", windowIsHidden(desktop));
    const item = await TrayItem.find(desktop);
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
    await item.activate();
    await until("the window is hidden", windowIsHidden(desktop));
    await desktop.endPanel();
    await until("the window is shown after the panel has gone", windowIsShown(desktop));
  });

  it("a panel that is restarted shows one icon again", async ({ desktop, start }) => {
    await desktop.startPanel();
    start();
    const former = await TrayItem.find(desktop);
    await desktop.endPanel();
    await desktop.startPanel();
    const item = await TrayItem.find(desktop, former);
    await until("the former icon is gone", async () => (await TrayItem.count(desktop)) === 1);
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
  });
});

describe("an ordinary window, where no panel shows tray icons", () => {
  it("the ordinary window has a frame to move it by, can be resized and minimised, and is shown again by a second start", async ({
    desktop,
    launch,
    start,
  }) => {
    const app = await launch();
    await windowPage(app);
    await until("the window is shown", windowIsShown(desktop));
    const bounds = await boundsOf(app);
    const before = await desktop.extent("Lockstep");
    // The window manager draws the frame around the bounds that Electron knows.
    const title = { x: bounds.x + bounds.width / 2, y: bounds.y - 8 };
    await desktop.drag("the title bar moves the window", title, { x: title.x - 90, y: title.y + 10 }, async () => {
      return (await desktop.extent("Lockstep")).x < before.x - 50;
    });
    const moved = await until("the app knows where its window is", async () => {
      const now = await boundsOf(app);
      return now.x < bounds.x - 50 && now;
    });
    const edge = { x: moved.x + moved.width, y: moved.y + moved.height / 2 };
    await desktop.drag("its edge resizes the window", edge, { x: edge.x + 100, y: edge.y }, async () => {
      return (await desktop.extent("Lockstep")).width > before.width + 50;
    });
    await desktop.key("Escape");
    await desktop.minimise("Lockstep");
    await until("the window is minimised", windowIsHidden(desktop));
    expect(await start().ended).toBe(0);
    await until("the window is shown", windowIsShown(desktop));
  });

  it("the ordinary window says why it is there and how it is found again, until that is dismissed", async ({
    launch,
  }) => {
    const window = new AppWindow(await windowPage(await launch()));
    await window.says(TEXT.noTrayIcons);
    await window.says(TEXT.closingQuits);
    await window.press("Dismiss");
    await until("the banner is gone", async () => !(await window.matches(/./)).includes(TEXT.noTrayIcons));
  });

  it("closing the ordinary window quits the app, and the daemon keeps running", async ({ desktop, box, start }) => {
    const app = start();
    const daemon = await appIsUp(box);
    await until("the window is shown", windowIsShown(desktop));
    await until("closing it ends the app", async () => {
      await desktop.key("alt+F4");
      return app.process.exitCode !== null;
    });
    expect(await app.ended).toBe(0);
    expect(isAlive(daemon)).toBe(true);
  });

  it("the ordinary window turns into the popover under the user's hands when a panel comes", async ({
    desktop,
    launch,
  }) => {
    const app = await launch();
    const before = await windowPage(app);
    await new AppWindow(before).says(TEXT.noTrayIcons);
    await until("the window has the focus", () => before.evaluate(() => document.hasFocus()));
    const page = app.waitForEvent("window");
    await desktop.startPanel();
    const window = new AppWindow(await page);
    await until("the window is shown", windowIsShown(desktop));
    await window.says(TEXT.inStep);
    expect(await window.matches(/./)).not.toContain(TEXT.noTrayIcons);
    await desktop.key("Escape");
    await until("the window is hidden", windowIsHidden(desktop));
  });
});
