import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { Sandbox, until } from "../../fixtures/sandbox.js";
import { startApp, type StartedApp } from "../../fixtures/app/tray-app.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";

let box: Sandbox;
let desktop: Desktop;
let apps: StartedApp[];

beforeEach(() => {
  box = new Sandbox();
  apps = [];
});
afterEach(async () => {
  for (const { process } of apps) process.kill();
  await Promise.all(apps.map(({ ended }) => ended));
  await box.close();
  await desktop.close();
});

function start(env: NodeJS.ProcessEnv = {}, args: string[] = []): StartedApp {
  const app = startApp({ ...desktop.env, LOCKSTEP_DIR: box.dir, ...env }, args);
  apps.push(app);
  return app;
}

const windowIsShown = (): Promise<boolean> => desktop.shows("Lockstep");
const windowIsHidden = async (): Promise<boolean> => !(await windowIsShown());

describe("on a desktop", () => {
  beforeEach(async () => {
    desktop = await Desktop.start();
  });

  it("a second start shows the first one's window, and ends", async () => {
    start();
    await TrayItem.find(desktop);
    expect(await windowIsShown()).toBe(false);
    expect(await start().ended).toBe(0);
    await until("the window is shown", windowIsShown);
  });

  it("the window is hidden by Escape and by closing it, and can be shown again each time", async () => {
    const app = start();
    const item = await TrayItem.find(desktop);
    await item.activate();
    await until("the window is shown", windowIsShown);
    await until("Escape hides the window", async () => {
      await desktop.key("Escape");
      return windowIsHidden();
    });
    await item.activate();
    await until("the window is shown", windowIsShown);
    await desktop.key("alt+F4");
    await until("the window is hidden", windowIsHidden);
    await item.activate();
    await until("the window is shown", windowIsShown);
    expect(app.process.exitCode).toBe(null);
  });

  it("settings that are no JSON are kept aside, said, and do not keep the app from starting", async () => {
    const settings = join(desktop.home, ".config/lockstep/settings.json");
    mkdirSync(join(settings, ".."), { recursive: true });
    writeFileSync(settings, '{"theme":');
    const app = start();
    await TrayItem.find(desktop);
    expect(app.stderr()).toContain(`it is kept as ${settings}.broken`);
    expect(readFileSync(`${settings}.broken`, "utf8")).toBe('{"theme":');
  });

  it("a home that cannot be written costs the settings only", async () => {
    // Nothing can be made below a file, by root neither.
    const file = join(desktop.home, "file");
    writeFileSync(file, "");
    const below = { HOME: file, XDG_CONFIG_HOME: join(file, ".config"), XDG_CACHE_HOME: join(file, ".cache") };
    const app = start({ ...below, TMPDIR: box.root });
    const item = await TrayItem.find(desktop);
    expect(app.stderr()).toMatch(/cannot be written .* settings are kept in/);
    await item.activate();
    await until("the window is shown", windowIsShown);
  });
});

it.each([
  ["nobody shows tray icons", {}],
  ["there is no session bus", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" }],
])("where %s the window is there at once, and says why", async (_, env) => {
  desktop = await Desktop.start({ panel: false });
  const app = start(env);
  await until("the window is shown", windowIsShown);
  expect(app.stderr()).toContain("shows no tray icons");
});

it("without a display it says where to look instead, and ends", async () => {
  desktop = await Desktop.start({ panel: false });
  const { DISPLAY: _, ...blind } = desktop.env;
  const app = startApp({ ...blind, LOCKSTEP_DIR: box.dir });
  expect(await app.ended).toBe(1);
  expect(app.stderr()).toContain("lockstep status --watch");
});
