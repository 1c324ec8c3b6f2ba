import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ElectronApplication } from "playwright";
import { describe, expect } from "vitest";
import { TEXT } from "../../fixtures/app/app-window.js";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";
import { it } from "../../fixtures/it/with-desktop.js";
import { isAlive, signal, until } from "../../fixtures/sandbox.js";

const KEEPS_CRASHING = "Lockstep’s window keeps crashing";
const CANNOT_BE_SHOWN = "Lockstep’s window can’t be shown";

/** The process of the visible window's page, once that says `text`. Asked in the app: Playwright's page ends with it. */
async function pageThatSays(app: ElectronApplication, text: string, after?: number): Promise<number> {
  return until(`the window says ${text}`, () =>
    app.evaluate(
      async ({ BrowserWindow }, { text, after }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        const pid = contents?.getOSProcessId();
        if (!contents || contents.isLoading() || pid === after) return undefined;
        const late = new Promise<string>((resolve) => setTimeout(resolve, 1_000, ""));
        const shown = contents.executeJavaScript("document.body.innerText").catch(() => "") as Promise<string>;
        return (await Promise.race([shown, late])).includes(text) ? pid : undefined;
      },
      { text, after },
    ),
  );
}

async function closeDialog(desktop: Desktop, title: string): Promise<void> {
  await until(`the dialog "${title}" is shown`, () => desktop.shows(title));
  await until("the dialog is closed", async () => {
    await desktop.key("Return");
    return !(await desktop.shows(title));
  });
}

describe("a page that crashes in sight", () => {
  it("is loaded again and says so; one that keeps crashing is closed, until the next click", async ({
    desktop,
    launch,
  }) => {
    const app = await launch();
    const item = await TrayItem.find(desktop);
    await item.activate();
    let pid = await pageThatSays(app, TEXT.inStep);
    for (const _crash of [1, 2]) {
      signal(pid, "SIGKILL");
      pid = await pageThatSays(app, "The window was loaded again", pid);
      expect(await desktop.shows("Lockstep")).toBe(true);
    }
    signal(pid, "SIGKILL");
    await closeDialog(desktop, KEEPS_CRASHING);
    expect(await desktop.shows("Lockstep")).toBe(false);
    await item.activate();
    await pageThatSays(app, TEXT.inStep, pid);
    expect(await desktop.shows("Lockstep")).toBe(true);
  });

  it("out of sight is made again by the next click", async ({ desktop, launch }) => {
    const app = await launch();
    const item = await TrayItem.find(desktop);
    await item.activate();
    const pid = await pageThatSays(app, TEXT.inStep);
    await item.activate();
    await until("the window is hidden", async () => !(await desktop.shows("Lockstep")));
    signal(pid, "SIGKILL");
    await until("the page has ended", () => !isAlive(pid));
    await item.activate();
    await pageThatSays(app, TEXT.inStep, pid);
  });
});

it("a window that can't be made is reported, and the app goes on", async ({ desktop, box, start }) => {
  const root = box.installation("no-page");
  writeFileSync(join(root, "package.json"), '{"name":"lockstep","main":"electron/main.cjs"}');
  rmSync(join(root, "renderer/index.html"));
  const app = start({}, [], root);
  const item = await TrayItem.find(desktop);
  await item.activate();
  await closeDialog(desktop, CANNOT_BE_SHOWN);
  expect(app.stderr()).toContain(CANNOT_BE_SHOWN);
  expect(await desktop.shows("Lockstep")).toBe(false);
  expect(await start({}, [], root).ended).toBe(0);
  await closeDialog(desktop, CANNOT_BE_SHOWN);
  expect(app.process.exitCode).toBe(null);
});

describe("without a panel", () => {
  it.override("panel", false);

  it("a window that can't be made ends the start, since nothing else leads to the app", async ({
    desktop,
    box,
    start,
  }) => {
    const root = box.installation("no-page");
    writeFileSync(join(root, "package.json"), '{"name":"lockstep","main":"electron/main.cjs"}');
    rmSync(join(root, "renderer/index.html"));
    const app = start({}, [], root);
    await closeDialog(desktop, "Lockstep could not start");
    expect(await app.ended).toBe(1);
  });
});
