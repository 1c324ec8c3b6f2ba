import type { ElectronApplication } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MENU } from "../../fixtures/app/app-window.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { Sandbox, until } from "../../fixtures/sandbox.js";
import { launchApp } from "../../fixtures/app/tray-app.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";

let box: Sandbox;
let desktop: Desktop;
let app: ElectronApplication;

beforeAll(async () => {
  box = new Sandbox();
  desktop = await Desktop.start();
  app = await launchApp(desktop, { env: { LOCKSTEP_DIR: box.dir } });
});
afterAll(async () => {
  await app?.close();
  await box.close();
  await desktop?.close();
});

const windowIsShown = (): Promise<boolean> => desktop.shows("Lockstep");

describe("the icon in the panel", () => {
  it("a click shows the window, a second one hides it", async () => {
    const icon = await desktop.iconPosition();
    expect(await windowIsShown()).toBe(false);
    await desktop.click(icon);
    await until("the window is shown", windowIsShown);
    await desktop.click(icon);
    await until("the window is hidden", async () => !(await windowIsShown()));
  });

  it("a panel's own way to activate it does the same", async () => {
    const item = await TrayItem.find(desktop);
    await item.activate();
    await until("the window is shown", windowIsShown);
    await item.activate();
    await until("the window is hidden", async () => !(await windowIsShown()));
  });

  it("its menu begins with what opens the window", async () => {
    const item = await TrayItem.find(desktop);
    await item.choose(MENU.open);
    await until("the window is shown", windowIsShown);
  });
});
