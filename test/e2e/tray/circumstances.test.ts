import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect } from "vitest";
import { TEXT } from "../../fixtures/app/app-window.js";
import { windowPage } from "../../fixtures/app/tray-app.js";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { it } from "../../fixtures/it/with-desktop.js";
import { until } from "../../fixtures/sandbox.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";

const windowIsShown = (desktop: Desktop) => (): Promise<boolean> => desktop.shows("Lockstep");
const windowIsFocused = (desktop: Desktop) => async (): Promise<boolean> => (await desktop.focused()) === "Lockstep";
const windowIsHidden = (desktop: Desktop) => async (): Promise<boolean> => !(await desktop.shows("Lockstep"));

describe("on a desktop", () => {
  it("a second start shows the first one's window, and ends", async ({ desktop, start }) => {
    start();
    await TrayItem.find(desktop);
    expect(await desktop.shows("Lockstep")).toBe(false);
    expect(await start().ended).toBe(0);
    await until("the window is shown", windowIsShown(desktop));
  });

  it("the window is hidden by Escape and by closing it, and can be shown again each time", async ({
    desktop,
    launch,
  }) => {
    const app = await launch();
    const item = await TrayItem.find(desktop);
    await item.activate();
    // Drawn by the code that hears the keys.
    await (await windowPage(app)).waitForSelector(".window");
    await until("the window has the focus", windowIsFocused(desktop));
    await desktop.key("Escape");
    await until("the window is hidden", windowIsHidden(desktop));
    await item.activate();
    await until("the window has the focus", windowIsFocused(desktop));
    await desktop.key("alt+F4");
    await until("the window is hidden", windowIsHidden(desktop));
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
    expect(app.process().exitCode).toBe(null);
  });

  it("a home directory that cannot be written costs only the settings", async ({ desktop, box, start }) => {
    // Nothing can be created below a file, not even by root.
    const file = join(desktop.home, "file");
    writeFileSync(file, "");
    const below = { HOME: file, XDG_CONFIG_HOME: join(file, ".config"), XDG_CACHE_HOME: join(file, ".cache") };
    const app = start({ ...below, TMPDIR: box.root });
    const item = await TrayItem.find(desktop);
    expect(app.stderr()).toMatch(/cannot be written .* settings are kept in/);
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
  });
});

describe("settings.json", () => {
  it("settings.json is reported where it is wrong, taken up when it is edited, and keeps what the app does not know", async ({
    desktop,
    launch,
    open,
  }) => {
    const file = join(desktop.home, ".config/lockstep/settings.json");
    const autostart = join(desktop.home, ".config/autostart/lockstep.desktop");
    const text = (): string => readFileSync(file, "utf8");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '{"theme":');
    const window = await open(await launch());
    window.page.setDefaultTimeout(15_000);
    await window.says(TEXT.settingProblem);
    await window.says("settings.json:1:10");
    await window.tab("Settings").click();
    await window.notifications.click();
    await window.page.getByRole("alert").getByText("isn't valid JSON").waitFor();
    expect(await window.notifications.isChecked()).toBe(true);
    expect(text()).toBe('{"theme":');

    const edited = `{
  // for demonstrations
  "hologram": true,
  "otherDaemons": [{ "name": "previewsmcp", "directory": "~/.previewsmcp" }, "typo"]
}
`;
    writeFileSync(file, edited);
    await window.page.getByRole("button", { name: "previewsmcp" }).waitFor();
    await window.theme("Dark").locator("..").click();
    await until("the theme is chosen", () => window.theme("Dark").isChecked());
    await window.theme("Dark").press("ArrowLeft");
    await until("an arrow key chooses the theme beside it", () => window.theme("Light").isChecked());
    await window.notifications.click();
    await until("notifications are off", async () => !(await window.notifications.isChecked()));
    const tail = '"typo"],\n  "theme": "light",\n  "notifications": false\n}\n';
    expect(text()).toBe(edited.replace('"typo"]\n}\n', tail));

    await window.startAtLogin.click();
    await until("the entry is there", () => existsSync(autostart));
    expect(await window.startAtLogin.isChecked()).toBe(true);
    writeFileSync(autostart, `${readFileSync(autostart, "utf8")}Hidden=true\n`);
    await window.says(TEXT.startAtLoginDisabled);
    expect(await window.startAtLogin.isChecked()).toBe(false);

    rmSync(dirname(autostart), { recursive: true });
    writeFileSync(dirname(autostart), "");
    const before = text();
    await until(
      "it is shown as absent",
      async () => !(await window.page.getByText(TEXT.startAtLoginDisabled).isVisible()),
    );
    await window.startAtLogin.click();
    await window.page.getByRole("alert").first().waitFor();
    expect([await window.startAtLogin.isChecked(), text()]).toEqual([false, before]);
  });
});

describe("without a panel", () => {
  it.override("panel", false);

  it.for<[string, NodeJS.ProcessEnv]>([
    ["no panel shows tray icons", {}],
    ["there is no session bus", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" }],
  ])("where %s the window opens at once, and the reason is reported", async ([_, env], { desktop, start }) => {
    const app = start(env);
    await until("the window is shown", windowIsShown(desktop));
    expect(app.stderr()).toContain("shows no tray icons");
  });

  it("without a display the app names an alternative and ends", async ({ start }) => {
    const app = start({ DISPLAY: undefined });
    expect(await app.ended).toBe(1);
    expect(app.stderr()).toContain("lockstep status --watch");
  });
});
