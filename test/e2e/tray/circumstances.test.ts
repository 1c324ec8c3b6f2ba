import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { it } from "../../fixtures/it/with-desktop.js";
import { until } from "../../fixtures/sandbox.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";

const windowIsShown = (desktop: Desktop) => (): Promise<boolean> => desktop.shows("Lockstep");
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
    start,
  }) => {
    const app = start();
    const item = await TrayItem.find(desktop);
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
    await until("Escape hides the window", async () => {
      await desktop.key("Escape");
      return windowIsHidden(desktop)();
    });
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
    await desktop.key("alt+F4");
    await until("the window is hidden", windowIsHidden(desktop));
    await item.activate();
    await until("the window is shown", windowIsShown(desktop));
    expect(app.process.exitCode).toBe(null);
  });

  it("invalid settings are set aside and reported, and the app starts", async ({ desktop, start }) => {
    const settings = join(desktop.home, ".config/lockstep/settings.json");
    mkdirSync(join(settings, ".."), { recursive: true });
    writeFileSync(settings, '{"theme":');
    const app = start();
    await TrayItem.find(desktop);
    expect(app.stderr()).toContain(`it is kept as ${settings}.broken`);
    expect(readFileSync(`${settings}.broken`, "utf8")).toBe('{"theme":');
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
