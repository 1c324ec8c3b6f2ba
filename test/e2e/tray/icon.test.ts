import { describe, expect } from "vitest";
import { MENU } from "../../fixtures/app/app-window.js";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { it } from "../../fixtures/it/with-shared-desktop.js";
import { until } from "../../fixtures/sandbox.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";

it.beforeAll(({ app: _isRunning }) => undefined);

const windowIsShown = (desktop: Desktop) => (): Promise<boolean> => desktop.shows("Lockstep");
const windowIsHidden = (desktop: Desktop) => async (): Promise<boolean> => !(await desktop.shows("Lockstep"));

describe("the icon in the panel", () => {
  it("a click on the icon shows the window, a second one hides it", async ({ desktop }) => {
    const icon = await desktop.iconPosition();
    expect(await desktop.shows("Lockstep")).toBe(false);
    await desktop.click(icon);
    await until("the window is shown", windowIsShown(desktop));
    await desktop.click(icon);
    await until("the window is hidden", windowIsHidden(desktop));
  });

  it("activating the icon over D-Bus shows and hides the window as well", async ({ desktop }) => {
    const item = await TrayItem.find(desktop);
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
    await item.activate();
    await until("the window is hidden", windowIsHidden(desktop));
  });

  it("the icon's menu opens the window", async ({ desktop }) => {
    const item = await TrayItem.find(desktop);
    await item.choose(MENU.open);
    await until("the window is shown", windowIsShown(desktop));
  });
});
