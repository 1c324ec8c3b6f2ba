import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import axeCore from "axe-core";
import type { ElectronApplication, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WindowView } from "../../../electron/view/window-view.js";
import { AppWindow, type Tab } from "../../fixtures/app/app-window.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { launchApp, windowPage } from "../../fixtures/app/tray-app.js";
import { windowStates } from "../../fixtures/app/window-states.js";

/** For people to look at. */
const PICTURES = resolve(".cache/window");
const STATES = windowStates();

let desktop: Desktop;
let app: ElectronApplication;
let page: Page;

// The real app with its real page, preload and policy; only what it shows is ours. Without a tray its window is open.
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  desktop = await Desktop.start({ panel: false });
  app = await launchApp(desktop, { env: { LOCKSTEP_DIR: join(desktop.home, "ls") } });
  page = await windowPage(app);
  await page.waitForSelector(".window");
  await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents;
    const send = contents.send.bind(contents);
    contents.send = () => undefined;
    Object.assign(globalThis, { showView: (view: unknown) => send("view.changed", view) });
  });
});
afterAll(async () => {
  const gone = new Promise((done) => app.process().once("exit", done));
  await page.evaluate(() => void globalThis.lockstep.command.run({ do: "stop-and-quit" }));
  await gone;
  await desktop?.close();
});

declare global {
  var showView: (view: unknown) => void;
  var axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { target: unknown[] }[] }[] }> };
}

async function show(view: WindowView, now: number): Promise<void> {
  await page.clock.setFixedTime(now);
  await app.evaluate((_, wanted) => globalThis.showView(wanted), view);
  await page.waitForFunction(
    ([title, theme]) =>
      document.querySelector("h1")?.textContent === title && document.documentElement.dataset["theme"] === theme,
    [view.daemon.title, view.settings.theme],
  );
}

async function accessibilityProblems(): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeCore.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  it.each(Object.entries(STATES))(
    "the window of a daemon that is %s can be read by everybody",
    async (name, { view, now }) => {
      await show({ ...view, settings: { ...view.settings, theme } }, now);
      await page.screenshot({ path: join(PICTURES, `${name.replace(/\W+/g, "-")}-${theme}.png`) });
      expect(await accessibilityProblems()).toEqual([]);
    },
  );

  it.each<[Tab, string]>([
    ["Log", "in step"],
    ["Settings", "in step"],
    ["Settings", "update downloading"],
    ["Settings", "update failed"],
  ])("so can its view %s when it is %s", async (tab, name) => {
    const { view, now } = STATES[name]!;
    await show({ ...view, settings: { ...view.settings, theme } }, now);
    await new AppWindow(page).tab(tab).click();
    await page.screenshot({ path: join(PICTURES, `${tab}-${name.replace(/\W+/g, "-")}-${theme}.png`) });
    expect(await accessibilityProblems()).toEqual([]);
    await new AppWindow(page).tab("Overview").click();
  });
});
