import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright";
import { describe, expect } from "vitest";
import { type AppWindow, BUTTON, MENU, TEXT } from "../../fixtures/app/app-window.js";
import { it as base } from "../../fixtures/it/with-shared-desktop.js";
import { until } from "../../fixtures/sandbox.js";

const COUNT = 10_000;
const BEGAN = Date.parse("2026-11-20T10:00:00Z");

// Without a tray the window is open from the beginning.
const it = base.override("panel", false);

it.beforeAll(({ box }) => {
  mkdirSync(box.dir, { mode: 0o700 });
  const lines = Array.from({ length: COUNT }, (_, n) => {
    const time = new Date(BEGAN + n * 1000).toISOString().replace("Z", "+00:00");
    return n % 4 === 3
      ? `${time} info memory: call ${n}\n`
      : `${time} event daemon: ready (pid ${n + 1}, version 0.1.0)\n`;
  });
  writeFileSync(join(box.dir, "serve.log"), lines.join(""));
});
it.beforeAll(async ({ window }) => {
  await window.heading(TEXT.inStep);
});

const isFocused = (page: Page, name: string) =>
  page.evaluate((label) => document.activeElement?.textContent === label, name);

describe("the log in the window", () => {
  it("is reached by the keyboard alone, and begins at its end", async ({ page }) => {
    // At once, not some frames later: what is typed on goes there.
    const focused = await page.evaluate(() => {
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "f", ctrlKey: true }));
      return document.activeElement?.id;
    });
    expect(focused).toBe("log-search");
    await page.getByText(`call ${COUNT - 1}`).waitFor();
  });

  it("holds ten thousand lines as a few dozen rows, up to the very first", async ({ page, window }) => {
    await until("the beginning is in sight", async () => {
      await window.logLines.evaluate((box) => (box.scrollTop = 0));
      expect(await window.logRows.count()).toBeLessThan(80);
      return page.getByText("ready (pid 1, version").isVisible();
    });
    expect(Number(await window.logRows.first().getAttribute("aria-setsize"))).toBeGreaterThanOrEqual(COUNT);
  });

  it("shows a line in full when it is chosen, with arrows too", async ({ page, window }) => {
    await page.getByText("ready (pid 2, version").click();
    await page.keyboard.press("ArrowDown");
    expect(await window.selectedLine.textContent()).toContain("ready (pid 3, version 0.1.0)");
  });

  it("is searched, from its end to its beginning", async ({ page, window }) => {
    await page.keyboard.press("Control+f");
    await page.keyboard.type("call 7");
    await window.says(TEXT.found("100+"));
    await until("all is searched", async () => {
      await window.logLines.evaluate((box) => (box.scrollTop = 0));
      return page.getByText(TEXT.found("279")).isVisible();
    });
    // The first Escape is the field's.
    await page.keyboard.press("Escape");
    await page.getByText(`call ${COUNT - 1}`).waitFor();
  });

  it("follows what is written, as long as its end is in sight", async ({ page, window }) => {
    await page.evaluate(() => globalThis.lockstep.command.run({ do: "restart", daemon: "lockstep" }));
    await until("the restart's line is the last one", async () =>
      (await window.logRows.last().textContent())?.includes("requested restart"),
    );
  });

  it("can be narrowed to what happened to the daemon", async ({ window }) => {
    await window.onlyEvents.click();
    await until(
      "only events are left",
      async () => !(await window.logRows.allTextContents()).some((text) => text.includes("memory")),
    );
  });
});

describe("what happened to the daemon", () => {
  it("begins with the newest, and is all there when asked for", async ({ page, window }) => {
    await page.keyboard.press("Control+1");
    const more = window.button(BUTTON.showAll);
    const count = Number((await more.textContent())?.replace("Show all ", ""));
    expect(count).toBeGreaterThan(20);
    expect(await window.recentEvents.count()).toBe(20);
    await more.click();
    await until("all are shown", async () => (await window.recentEvents.count()) === count);
    await window.press(BUTTON.showFewer);
    await until("only the newest are shown", async () => (await window.recentEvents.count()) === 20);
  });
});

describe("the keyboard", () => {
  it("goes through the views, and through the menu and back", async ({ desktop, page, window }) => {
    await page.keyboard.press("Control+1");
    await window.heading(TEXT.heartbeat);
    await window.tab("Overview").focus();
    await page.keyboard.press("ArrowLeft");
    await window.startAtLogin.waitFor();
    await window.button(BUTTON.moreActions).press("Enter");
    await page.keyboard.press("End");
    expect(await isFocused(page, MENU.stopAndQuit)).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.getByRole("menu").count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(BUTTON.moreActions);
    expect(await desktop.shows("Lockstep")).toBe(true);
  });

  it("hides the window with Escape", async ({ desktop, page }) => {
    await page.keyboard.press("Escape");
    await until("the window is hidden", async () => !(await desktop.shows("Lockstep")));
  });
});

describe("a hidden window", () => {
  it("follows no log, and has caught up when it is shown", async ({ desktop, page, window }) => {
    await page.evaluate(() => globalThis.lockstep.command.run({ do: "show-log" }));
    await until("its end is in sight", async () => {
      const { place, count } = await lastRow(window);
      return place !== null && place === count;
    });
    await page.evaluate(() => globalThis.lockstep.command.run({ do: "hide" }));
    await until("the window is hidden", async () => !(await desktop.shows("Lockstep")));
    const shown = await lastRow(window);
    // Two restarts: of the first one's lines the app has heard for sure when it tells of the second one.
    for (const nth of [1, 2]) {
      const before = await recentEvents(page);
      await page.evaluate(() => globalThis.lockstep.command.run({ do: "restart", daemon: "lockstep" }));
      await until(`the app tells of restart ${nth}`, async () => (await recentEvents(page)) !== before);
    }
    expect(await lastRow(window)).toEqual(shown);
    await page.evaluate(() => globalThis.lockstep.command.run({ do: "open" }));
    await until("the log goes on", async () => Number((await lastRow(window)).place) > Number(shown.place));
  });
});

/** By its place: two lines of one second may well say the same. */
const lastRow = (window: AppWindow) =>
  window.logRows.evaluateAll((all) => ({
    place: all.at(-1)?.getAttribute("aria-posinset") ?? null,
    count: all.at(-1)?.getAttribute("aria-setsize") ?? null,
  }));

/** What the app knows of restarts, which it reads from the same log. */
const recentEvents = (page: Page) =>
  page.evaluate(async () => {
    const view = await globalThis.lockstep.view.get();
    return JSON.stringify(view.ok ? view.value.daemon.recentEvents : view);
  });
