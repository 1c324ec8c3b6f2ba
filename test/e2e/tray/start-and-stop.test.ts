import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright";
import { describe, expect } from "vitest";
import { tryLock } from "../../../src/state/lock.js";
import { BUTTON, MENU, TEXT } from "../../fixtures/app/app-window.js";
import { it } from "../../fixtures/it/with-desktop.js";
import { isAlive, signal, until } from "../../fixtures/sandbox.js";

/** Notes every heading that the page shows from now on, in turn. */
async function noteHeadings(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`
    globalThis.headings = [];
    const note = () => {
      const text = document.querySelector("h1")?.textContent;
      if (text && text !== headings.at(-1)) headings.push(text);
    };
    globalThis.observer?.disconnect();
    globalThis.observer = new MutationObserver(note);
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    note();
  `);
  return () => page.evaluate<string[]>("headings");
}

describe("a daemon that does not answer", () => {
  it("a daemon that does not answer when the app starts is left alone, and is replaced by a new one once it has gone", async ({
    box,
    launch,
    open,
  }) => {
    expect(await box.run(["start"])).toMatchObject({ code: 0 });
    const mute = box.pid();
    signal(mute, "SIGSTOP");
    const window = await open(await launch());
    await window.matches(TEXT.notResponding);
    expect([isAlive(mute), box.daemons()]).toEqual([true, [mute]]);
    signal(mute, "SIGKILL");
    const next = await until("a daemon runs again", () => box.daemons().find((pid) => pid !== mute));
    await window.inStepWith(next);
  });
});

describe("a start that succeeds", () => {
  it("a daemon that was started or replaced by a click is shown at once, and its start is not reported as a death", async ({
    box,
    launch,
    open,
  }) => {
    mkdirSync(box.dir, { mode: 0o700 });
    chmodSync(box.dir, 0o777);
    const window = await open(await launch());
    await window.heading(TEXT.couldNotStart);
    chmodSync(box.dir, 0o700);
    const started = await noteHeadings(window.page);
    await window.press(BUTTON.startNow);
    const pid = await until("a daemon runs", () => box.daemons()[0]);
    await window.inStepWith(pid);
    expect((await started()).slice(-2)).toEqual([TEXT.starting, TEXT.inStep]);

    signal(pid, "SIGSTOP");
    await window.matches(TEXT.notResponding);
    const replaced = await noteHeadings(window.page);
    await window.press(BUTTON.replace);
    const next = await until("another daemon runs", () => box.daemons().find((other) => other !== pid));
    await window.inStepWith(next);
    const headings = await replaced();
    const sinceClick = headings.slice(headings.indexOf(TEXT.restarting));
    expect(sinceClick.filter((text) => text !== TEXT.starting)).toEqual([TEXT.restarting, TEXT.inStep]);
  });
});

describe("a stop", () => {
  it("a stop during a start that waits leaves nothing running, and an upgrade's hook does not count as a stop", async ({
    box,
    launch,
    open,
  }) => {
    mkdirSync(box.dir, { mode: 0o700 });
    const lock = tryLock(join(box.dir, "restart.lock"));
    const window = await open(await launch());
    await window.heading(TEXT.starting);
    await window.choose(MENU.stop);
    await window.heading(TEXT.stopping);
    lock?.release();
    await window.matches(TEXT.stoppedByApp);
    // It gets the lock after a start that waits for it.
    expect((await box.run(["stop"])).stdout).toContain("no daemon is running");
    expect([box.ledger(), box.daemons()]).toEqual([[], []]);

    const stale = await box.startStale();
    await window.heading(TEXT.outOfStep);
    expect(await box.run(["kill-daemon", "--stale-only"])).toMatchObject({ code: 0 });
    const next = await until("the new version runs", () => box.daemons().find((pid) => pid !== stale));
    await window.inStepWith(next);
    expect(isAlive(stale)).toBe(false);
  });
});
