import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ElectronApplication } from "playwright";
import { describe, expect } from "vitest";
import { AppWindow, MENU, TEXT } from "../../fixtures/app/app-window.js";
import { windowPage } from "../../fixtures/app/tray-app.js";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";
import { it } from "../../fixtures/it/with-desktop.js";
import { isAlive, signal, until } from "../../fixtures/sandbox.js";

async function shownWindow(app: ElectronApplication): Promise<AppWindow> {
  return new AppWindow(await windowPage(app));
}

/** The icon, once the daemon is followed: while the state changes, so does the menu. */
async function settledItem(desktop: Desktop): Promise<TrayItem> {
  const item = await TrayItem.find(desktop);
  await until("the daemon is followed", async () => (await item.tooltip()).includes(TEXT.inStep));
  return item;
}

/** In place of a notification server, which this desktop has none of: the newest notification is kept to be clicked. */
async function keepNotifications(app: ElectronApplication): Promise<void> {
  await app.evaluate(({ Notification }) => {
    Notification.isSupported = () => true;
    Notification.prototype.show = function (this: Electron.Notification) {
      Object.assign(globalThis, { notification: this });
    };
  });
}

describe("an entry of the icon's menu that fails", () => {
  it("opens the window, which says what failed and why", async ({ desktop, box, launch }) => {
    const config = join(desktop.home, ".config");
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, "autostart"), "");
    // As xdg-open ends on a desktop without a program for text.
    const programs = join(box.root, "programs");
    mkdirSync(programs);
    writeFileSync(join(programs, "xdg-open"), "#!/bin/sh\nexit 3\n", { mode: 0o755 });
    const app = await launch({ PATH: `${programs}:${process.env["PATH"]}` });
    const item = await settledItem(desktop);
    await item.choose("Start at login");
    const window = await shownWindow(app);
    await until("the window is shown", () => desktop.shows("Lockstep"));
    await window.says("“Start at login” failed");
    await window.says(/autostart\/lockstep\.desktop can’t be written/);
    await window.press("Dismiss");

    await until("the log exists", () => existsSync(join(box.dir, "serve.log")));
    await item.choose("Open log file");
    await window.says("“Open log file” failed");
    await window.says(/serve\.log could not be opened: the desktop has no program for it/);
  });

  it("a switch and a choice in the window say what failed, and show what is set", async ({ desktop, launch, open }) => {
    const app = await launch();
    const window = await open(app);
    await window.tab("Settings").click();
    const dark = window.page.getByRole("radiogroup", { name: "Theme" }).getByRole("radio", { name: "Dark" });
    // Nothing can be renamed onto a directory that is not empty, not even by root.
    const settings = join(desktop.home, ".config/lockstep/settings.json");
    rmSync(settings, { force: true });
    mkdirSync(join(settings, "in-the-way"), { recursive: true });
    for (const _again of [1, 2]) {
      await dark.dispatchEvent("click");
      await window.page.getByRole("alert").waitFor();
      await until("the choice is what it was", async () => !(await dark.isChecked()));
    }
    expect(await window.page.getByRole("alert").innerText()).not.toContain("remote method");
    const theme = await app.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
    expect(theme).toBe("system");
  });
});

it("an app whose daemon can't be stopped says why at once, and stays", async ({ desktop, box, launch }) => {
  const app = await launch();
  const item = await TrayItem.find(desktop);
  const pid = await until("the daemon runs", () => box.daemons()[0]);
  await until("the menu offers a restart", async () =>
    (await item.menu()).some(({ label, enabled }) => label === MENU.restart && enabled),
  );
  // Its directory is no longer safe, so nothing in it may name a process to end.
  chmodSync(box.dir, 0o777);
  const before = performance.now();
  await item.choose(MENU.stopAndQuit);
  const window = await shownWindow(app);
  await window.says(`“${MENU.stopAndQuit}” failed`);
  expect(performance.now() - before).toBeLessThan(11_000);
  await window.says(/The app was not quit: lockstep could not be stopped/);
  chmodSync(box.dir, 0o700);
  expect(isAlive(pid)).toBe(true);
});

it("a click on a notification opens the window", async ({ desktop, box, launch }) => {
  const app = await launch();
  await settledItem(desktop);
  await keepNotifications(app);
  signal(box.pid(), "SIGKILL");
  await until("a notification is shown", () => app.evaluate(() => "notification" in globalThis));
  await app.evaluate(
    () => void (globalThis as unknown as { notification: NodeJS.EventEmitter }).notification.emit("click"),
  );
  await until("the window is shown", () => desktop.shows("Lockstep"));
});

it("the keys of Electron's own menu do nothing in the window", async ({ desktop, launch, open }) => {
  const app = await launch();
  const window = await open(app);
  await window.page.evaluate("globalThis.loadedOnce = true");
  for (const key of ["ctrl+r", "ctrl+shift+r", "ctrl+shift+i", "ctrl+w", "ctrl+q"]) await desktop.key(key);
  // A key that the page handles shows that the keys before it have arrived.
  await desktop.key("ctrl+3");
  await window.page.getByRole("tab", { name: "Settings", selected: true }).waitFor();
  expect(await window.page.evaluate("globalThis.loadedOnce")).toBe(true);
  const pages = await app.evaluate(({ webContents }) => webContents.getAllWebContents().length);
  expect(pages).toBe(1);
});
