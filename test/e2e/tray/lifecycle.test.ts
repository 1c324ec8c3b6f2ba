import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";
import { COMMAND_MS, onSlowest } from "../../fixtures/bounds.js";
import { BUTTON, MENU, TEXT } from "../../fixtures/app/app-window.js";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { it as withDesktop } from "../../fixtures/it/with-desktop.js";
import { isAlive, signal, until, type Sandbox } from "../../fixtures/sandbox.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";

async function picture(desktop: Desktop, name: string): Promise<void> {
  const folder = process.env["TEST_PICTURES"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await desktop.screenshot(join(resolve(folder), `${name}.png`));
}

async function daemonPid(box: Sandbox): Promise<number> {
  return until("the daemon runs", () => box.daemons()[0]);
}

/** Opens the window of an app, and waits until that is in step with the daemon of this PID. */
const it = withDesktop.extend("openInStep", ({ box, launch, open }) => async () => {
  const window = await open(await launch());
  const pid = await daemonPid(box);
  await window.inStepWith(pid);
  return { window, pid };
});

describe("the window", () => {
  it("the window shows the daemon's PID, version and a heartbeat that ticks", async ({ desktop, box, openInStep }) => {
    const { window } = await openInStep();
    await window.says(box.version());
    const age = async (): Promise<number> =>
      Number(/([\d.]+) s ago/.exec(await window.page.locator("body").innerText())?.[1] ?? NaN);
    const first = await until("a heartbeat's age is shown", async () => {
      const value = await age();
      return Number.isFinite(value) ? { value } : undefined;
    });
    expect(first?.value).toBeLessThan(onSlowest(3));
    await until("the age ticks", async () => (await age()) !== first?.value);
    await picture(desktop, "running");
  });

  it("a restart from the menu shows a new PID and leaves one breadcrumb", async ({ desktop, box, openInStep }) => {
    const { window, pid } = await openInStep();
    const item = await TrayItem.find(desktop);
    await item.choose(MENU.restart);
    const next = await until("another daemon runs", () => box.daemons().find((other) => other !== pid));
    await window.inStepWith(next);
    await window.matches(TEXT.restarted);
    expect(box.logLines("started after requested restart")).toHaveLength(1);
    await picture(desktop, "restarted");
  });
});

describe("a stale daemon", () => {
  it("a stale daemon is replaced once, even if the app and 25 commands find it at the same moment", async ({
    desktop,
    box,
    launch,
    open,
  }) => {
    const stale = await box.startStale();
    const calls = Array.from({ length: 25 }, () => box.run(["call", "memory", "read_graph"]));
    const window = await open(await launch());
    for (const { code, stderr } of await Promise.all(calls)) expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(isAlive(stale)).toBe(false);
    await window.inStepWith(box.pid());
    await window.matches(/0\.0\.1/);
    expect(box.logLines("version-mismatch restart")).toHaveLength(1);
    expect(box.ledger().filter(({ did }) => did === "restart")).toHaveLength(1);
    await picture(desktop, "after-drift");
  });
});

describe("the daemon's end", () => {
  it("a killed daemon is noticed within 5 s and restarted", async ({ box, openInStep }) => {
    const { window, pid } = await openInStep();
    signal(pid, "SIGKILL");
    const next = await until("another daemon runs", () => box.daemons().find((other) => other !== pid));
    await window.inStepWith(next, onSlowest(5_000));
  });

  it("a daemon under SIGSTOP is shown as unresponsive, and a click replaces it", async ({
    desktop,
    box,
    openInStep,
  }) => {
    const { window, pid } = await openInStep();
    signal(pid, "SIGSTOP");
    await window.matches(TEXT.notResponding, onSlowest(8_000));
    await picture(desktop, "unresponsive");
    await window.press(BUTTON.replace);
    const next = await until("another daemon runs", () => box.daemons().find((other) => other !== pid));
    await until("the old one is gone", () => !isAlive(pid));
    await window.inStepWith(next);
  });

  it("a daemon that keeps crashing is shown as a crash loop, and not restarted until a click", async ({
    desktop,
    box,
    launch,
    open,
  }) => {
    const window = await open(await launch());
    let last = 0;
    for (let death = 1; death <= 5; death++) {
      // Started again after 1, 2, 4 and 8 s.
      const pid = await until("a daemon runs", () => box.daemons().find((other) => other !== last));
      // Killed before the app has connected, it would count as a failed start, and not as a crash.
      await window.inStepWith(pid);
      signal(pid, "SIGKILL");
      last = pid;
    }
    await window.matches(TEXT.keepsCrashing);
    await picture(desktop, "crash-loop");
    expect(box.daemons()).toEqual([]);
    await window.press(BUTTON.startNow);
    await window.inStepWith(await daemonPid(box));
  });

  it("a daemon stopped by lockstep stop stays stopped until it is started again", async ({
    desktop,
    box,
    launch,
    open,
  }) => {
    const window = await open(await launch());
    await window.inStepWith(await daemonPid(box));
    expect(await box.run(["stop"])).toMatchObject({ code: 0 });
    await window.matches(TEXT.stopped);
    await picture(desktop, "stopped");
    expect(box.daemons()).toEqual([]);
    await window.button(BUTTON.start).first().click();
    await window.inStepWith(await daemonPid(box));
  });
});

describe("the app's end", () => {
  it("quitting the app leaves the daemon alive and its socket working", async ({ box, launch, open }) => {
    const running = await launch();
    await open(running);
    const pid = await daemonPid(box);
    const began = performance.now();
    await running.close();
    expect(performance.now() - began).toBeLessThan(onSlowest(2_000));
    expect(isAlive(pid)).toBe(true);
    expect(await box.run(["call", "memory", "read_graph"])).toMatchObject({ code: 0, stderr: "" });
    expect(box.pid()).toBe(pid);
  });

  it("Stop daemon and quit leaves nothing running", async ({ desktop, box, launch }) => {
    const running = await launch();
    const ended = running.waitForEvent("close", { timeout: COMMAND_MS });
    const pid = await daemonPid(box);
    const item = await TrayItem.find(desktop);
    await until("the menu knows the daemon", async () => JSON.stringify(await item.menu()).includes(String(pid)));
    await item.choose(MENU.stopAndQuit);
    await ended;
    expect(isAlive(pid)).toBe(false);
    expect(box.daemons()).toEqual([]);
  });
});
