import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import axeCore from "axe-core";
import type { ElectronApplication, Page } from "playwright";
import { describe, expect } from "vitest";
import type { WindowView } from "../../../electron/view/window-view.js";
import type { Tab } from "../../fixtures/app/app-window.js";
import { it as base } from "../../fixtures/it/with-shared-desktop.js";
import { windowStates } from "../../fixtures/app/window-states.js";

/** Pictures for people to review. */
const PICTURES = resolve(".cache/window");
const STATES = windowStates();

// The real app with its real page, preload and policy, which is shown our states. Without a tray its window is open.
const it = base.override("panel", false);

it.beforeAll(async ({ app, page }) => {
  mkdirSync(PICTURES, { recursive: true });
  await page.waitForSelector(".window");
  await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents;
    const send = contents.send.bind(contents);
    contents.send = () => undefined;
    Object.assign(globalThis, { showView: (view: unknown) => send("view.changed", view) });
  });
});

declare global {
  var showView: (view: unknown) => void;
  var axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { target: unknown[] }[] }[] }> };
}

async function show(app: ElectronApplication, page: Page, view: WindowView, now: number): Promise<void> {
  await page.clock.setFixedTime(now);
  await app.evaluate((_, wanted) => globalThis.showView(wanted), view);
  await page.waitForFunction(
    ([title, theme]) =>
      document.querySelector("h1")?.textContent === title && document.documentElement.dataset["theme"] === theme,
    [view.daemon.title, view.settings.theme],
  );
}

async function accessibilityProblems(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeCore.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  it.for(Object.entries(STATES))(
    "the window of a daemon that is %s is accessible",
    async ([name, { view, now }], { app, page }) => {
      await show(app, page, { ...view, settings: { ...view.settings, theme } }, now);
      await page.screenshot({ path: join(PICTURES, `${name.replace(/\W+/g, "-")}-${theme}.png`) });
      expect(await accessibilityProblems(page)).toEqual([]);
    },
  );

  it.for<[Tab, string]>([
    ["Log", "in step"],
    ["Settings", "in step"],
    ["Settings", "update downloading"],
    ["Settings", "update failed"],
  ])("the view %s of a daemon that is %s is accessible", async ([tab, name], { app, page, window }) => {
    const { view, now } = STATES[name]!;
    await show(app, page, { ...view, settings: { ...view.settings, theme } }, now);
    await window.tab(tab).click();
    await page.screenshot({ path: join(PICTURES, `${tab}-${name.replace(/\W+/g, "-")}-${theme}.png`) });
    expect(await accessibilityProblems(page)).toEqual([]);
    await window.tab("Overview").click();
  });
});
