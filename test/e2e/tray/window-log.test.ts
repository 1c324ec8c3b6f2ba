import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright";
import { describe, expect } from "vitest";
import { type AppWindow, BUTTON, MENU, TEXT } from "../../fixtures/app/app-window.js";
import { it } from "../../fixtures/it/with-shared-desktop.js";
import { until } from "../../fixtures/sandbox.js";

const COUNT = 10_000;
const BEGAN = Date.parse("2026-11-20T10:00:00Z");

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
  it("the log is reached by the keyboard alone and starts at its end", async ({ page }) => {
    // Focused at once, not some frames later, so that it receives what is typed next.
    const focused = await page.evaluate(() => {
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "f", ctrlKey: true }));
      return document.activeElement?.id;
    });
    expect(focused).toBe("log-search");
    await page.getByText(`call ${COUNT - 1}`).waitFor();
  });

  it("the log shows ten thousand lines with a few dozen rows, up to the first", async ({ page, window }) => {
    await until("the beginning is in sight", async () => {
      await window.logLines.evaluate((box) => (box.scrollTop = 0));
      expect(await window.logRows.count()).toBeLessThan(80);
      return page.getByText("ready (pid 1, version").isVisible();
    });
    expect(Number(await window.logRows.first().getAttribute("aria-setsize"))).toBeGreaterThanOrEqual(COUNT);
  });

  it("the log shows a selected line in full, with arrow keys too", async ({ page, window }) => {
    await page.getByText("ready (pid 2, version").click();
    await page.keyboard.press("ArrowDown");
    expect(await window.selectedLine.textContent()).toContain("ready (pid 3, version 0.1.0)");
  });

  it("the log is searched from its end to its beginning", async ({ page, window }) => {
    await page.keyboard.press("Control+f");
    await page.keyboard.type("call 7");
    await window.says(TEXT.found("100+"));
    await until("all is searched", async () => {
      await window.logLines.evaluate((box) => (box.scrollTop = 0));
      return page.getByText(TEXT.found("279")).isVisible();
    });
    // The first Escape clears the field.
    await page.keyboard.press("Escape");
    await page.getByText(`call ${COUNT - 1}`).waitFor();
  });

  it("the log follows new lines as long as its end is in sight", async ({ page, window }) => {
    await page.evaluate(() => globalThis.lockstep.command.run({ do: "restart", daemon: "lockstep" }));
    await until("the restart's line is the last one", async () =>
      (await window.logRows.last().textContent())?.includes("requested restart"),
    );
  });

  it("the log can be limited to the daemon's events", async ({ window }) => {
    await window.onlyEvents.click();
    await until(
      "only events are left",
      async () => !(await window.logRows.allTextContents()).some((text) => text.includes("memory")),
    );
  });
});

describe("what happened to the daemon", () => {
  it("recent events start with the newest, and all are shown on request", async ({ page, window }) => {
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
  it("the keyboard moves through the views and through the menu and back", async ({ desktop, page, window }) => {
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

  it("Escape hides the window", async ({ desktop, page }) => {
    await page.keyboard.press("Escape");
    await until("the window is hidden", async () => !(await desktop.shows("Lockstep")));
  });
});

describe("a hidden window", () => {
  it("a hidden window does not follow the log, and catches up when shown", async ({ desktop, page, window }) => {
    await page.evaluate(() => globalThis.lockstep.command.run({ do: "show-log" }));
    await until("its end is in sight", async () => {
      const { place, count } = await lastRow(window);
      return place !== null && place === count;
    });
    await page.evaluate(() => globalThis.lockstep.command.run({ do: "hide" }));
    await until("the window is hidden", async () => !(await desktop.shows("Lockstep")));
    const shown = await lastRow(window);
    // Two restarts: when the app reports the second, it has surely read the lines of the first.
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

/** Identified by position, since two lines of the same second may be equal. */
const lastRow = (window: AppWindow) =>
  window.logRows.evaluateAll((all) => ({
    place: all.at(-1)?.getAttribute("aria-posinset") ?? null,
    count: all.at(-1)?.getAttribute("aria-setsize") ?? null,
  }));

/** The restarts that the app knows, which it reads from the same log. */
const recentEvents = (page: Page) =>
  page.evaluate(async () => {
    const view = await globalThis.lockstep.view.get();
    return JSON.stringify(view.ok ? view.value.daemon.recentEvents : view);
  });
