import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { StartedApp } from "../../fixtures/app/tray-app.js";
import type { Desktop } from "../../fixtures/desktop/desktop.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";
import { it } from "../../fixtures/it/with-desktop.js";
import { until, type Sandbox } from "../../fixtures/sandbox.js";

const COULD_NOT_START = "Lockstep could not start";

const dialogIsShown = (desktop: Desktop, title: string): Promise<unknown> =>
  until(`the dialog "${title}" is shown`, () => desktop.shows(title));

/** Waits for the dialog, closes it with the keyboard, and returns the app's exit code. */
async function closeDialog(desktop: Desktop, title: string, app: StartedApp): Promise<StartedApp["ended"]> {
  await dialogIsShown(desktop, title);
  await until("the dialog is closed", async () => {
    await desktop.key("Return");
    return !(await desktop.shows(title));
  });
  return endOf(app);
}

async function endOf(app: StartedApp): Promise<StartedApp["ended"]> {
  await until("the app has ended", () => app.process.exitCode !== null || app.process.signalCode !== null);
  return app.ended;
}

/** An installation of the app whose directory a test may damage. */
function copyOfApp(box: Sandbox, name: string): string {
  const root = box.installation(name);
  writeFileSync(join(root, "package.json"), '{"name":"lockstep","main":"electron/main.cjs"}');
  return root;
}

/** A home of its own, so that several apps can run on one desktop. */
function anotherHome(desktop: Desktop, name: string): NodeJS.ProcessEnv {
  const home = join(desktop.home, name);
  mkdirSync(home);
  return { HOME: home, XDG_CONFIG_HOME: join(home, ".config"), XDG_CACHE_HOME: join(home, ".cache") };
}

function errorLines(app: StartedApp): string[] {
  return app
    .stderr()
    .split("\n")
    .filter((line) => line.startsWith("Lockstep"));
}

describe("an app that can't start", () => {
  it("shows why, ends with 1, and hands its place to the next start at once", async ({ desktop, start }) => {
    const app = start({ LOCKSTEP_DIR: "relative" });
    await dialogIsShown(desktop, COULD_NOT_START);
    expect(errorLines(app)).toEqual([expect.stringMatching(/^Lockstep could not start: .*give an absolute path/)]);

    const healthy = start();
    await TrayItem.find(desktop);
    expect(healthy.process.exitCode).toBe(null);
    expect(await closeDialog(desktop, COULD_NOT_START, app)).toBe(1);
  });

  it("reports every damage of its installation", async ({ desktop, box, start }) => {
    const damages: [string, (root: string) => void, RegExp][] = [
      ["no-build-info", (root) => rmSync(join(root, "build-info.json")), /build-info\.json/],
      ["bad-build-info", (root) => writeFileSync(join(root, "build-info.json"), "{"), /build-info\.json/],
      ["no-icons", (root) => rmSync(join(root, "icons"), { recursive: true }), /icons/],
    ];
    for (const [name, damage, why] of damages) {
      const root = copyOfApp(box, name);
      damage(root);
      const app = start(anotherHome(desktop, name), [], root);
      expect(await closeDialog(desktop, COULD_NOT_START, app), name).toBe(1);
      expect(errorLines(app), name).toEqual([expect.stringMatching(why)]);
    }
  });

  it("does not take a missing temporary directory for an app that runs already", async ({ desktop, start }) => {
    const app = start({ TMPDIR: "/dev/null/tmp" });
    expect(await closeDialog(desktop, COULD_NOT_START, app)).toBe(1);
    expect(errorLines(app)).toEqual([expect.stringContaining("/dev/null/tmp to be writable")]);
  });

  it("shows no dialog when the command line has started it for an update", async ({ desktop, start }) => {
    const nowhere = { XDG_CONFIG_HOME: "/dev/null", TMPDIR: "/dev/null/tmp" };
    const app = start(nowhere, ["--update=/dev/null/socket"]);
    expect(await endOf(app)).toBe(1);
    expect(errorLines(app)).toHaveLength(1);
    expect(await desktop.shows(COULD_NOT_START)).toBe(false);
  });
});

describe("an error that no code has handled", () => {
  it.for([
    ["an exception", "setTimeout(() => { throw new Error('out of the blue') })"],
    ["a rejection", "void Promise.reject(new Error('out of the blue'))"],
  ] as const)("ends the app and is shown: %s", async ([_, code], { desktop, launch }) => {
    const app = await launch();
    await TrayItem.find(desktop);
    const child = app.process();
    const ended = new Promise((done) => child.once("exit", done));
    await app.evaluate((_electron, text) => void setTimeout(() => void (0, eval)(text)), code);
    const title = "Lockstep ended because of an error";
    await dialogIsShown(desktop, title);
    await desktop.key("Return");
    expect(await ended).toBe(1);
  });
});
