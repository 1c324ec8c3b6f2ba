import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";
import type { Command, DaemonAction } from "../../../electron/ipc/command.js";
import { MENU, TEXT, type AppWindow } from "../../fixtures/app/app-window.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";
import { it as base } from "../../fixtures/it/with-desktop.js";
import { Sandbox, until } from "../../fixtures/sandbox.js";

const PREVIEWS = resolve("test/fixtures/daemons/previews-daemon.mjs");
const NAME = "previewsmcp";

const it = base
  /** Writes `settings.json`, as its user does. */
  .extend("writeSettings", ({ desktop }) => {
    return (settings: object): void => {
      const directory = join(desktop.home, ".config/lockstep");
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, "settings.json"), JSON.stringify(settings, null, 2));
    };
  })
  .extend("previewsDir", ({ desktop }) => join(desktop.home, ".previewsmcp"))
  /** Starts PreviewsMCP's stand-in in `previewsDir`; resolves once it listens. */
  .extend("startPreviews", ({ desktop, previewsDir }, { onCleanup }) => {
    const started: ChildProcess[] = [];
    onCleanup(() => {
      for (const child of started) child.kill("SIGKILL");
    });
    return async (version: string): Promise<ChildProcess & { pid: number }> => {
      rmSync(join(previewsDir, "serve.pid"), { force: true });
      const child = spawn(process.execPath, [PREVIEWS, "serve", "--daemon"], {
        env: { ...desktop.env, PREVIEWSMCP_SOCKET_DIR: previewsDir, _PREVIEWSMCP_TEST_DAEMON_VERSION: version },
        stdio: "ignore",
      });
      started.push(child);
      await until("the stand-in listens", () => existsSync(join(previewsDir, "serve.pid")));
      return child as ChildProcess & { pid: number };
    };
  })
  /** Another state directory of Lockstep's, as a developer has one. */
  .extend("second", ({ desktop: _outlives }, { onCleanup }) => {
    const second = new Sandbox();
    onCleanup(() => second.close());
    return second;
  });

/** What the app answers to a command that the window sends. */
async function run(window: AppWindow, command: Command): Promise<string> {
  const result = await window.page.evaluate((one) => globalThis.lockstep.command.run(one), command);
  return result.ok ? "done" : result.error;
}

describe("other tools' daemons in the settings", () => {
  it("two other daemons are shown with version, heartbeat, events and log, and cannot be acted on", async ({
    desktop,
    second,
    previewsDir,
    startPreviews,
    writeSettings,
    launch,
    open,
  }) => {
    const otherDaemons = [
      { name: NAME, directory: "~/.previewsmcp" },
      { name: "development", directory: second.dir },
    ];
    writeSettings({ welcomed: true, otherDaemons });
    const developed = await second.startStale("0.0.7");
    const { pid } = await startPreviews("0.13.0");
    const window = await open(await launch());
    await window.heading(TEXT.inStep);

    await window.showDaemon(NAME);
    await window.heading(TEXT.running);
    await window.says(TEXT.version("0.13.0"));
    await window.heading(TEXT.heartbeat);
    await window.says(TEXT.startedWithPid(pid));
    await window.says(TEXT.belongsToAnotherTool(NAME));

    await window.tab("Log").click();
    await until("its log is shown", async () =>
      (await window.logRows.allTextContents()).some((line) => line.includes(`ready (pid ${pid})`)),
    );
    await window.tab("Overview").click();

    const forbidden = /daemon|restart|replace|servers\.json/i;
    const offered = (await window.moreActions()).filter((label) => label !== MENU.stopAndQuit && label !== MENU.quit);
    expect(offered.filter((label) => forbidden.test(label))).toEqual([]);
    const item = await TrayItem.find(desktop);
    const entry = (await item.menu()).find(({ label }) => label.startsWith(NAME));
    expect(entry).toMatchObject({ label: `${NAME}: Running · 0.13.0 · PID ${pid}`, children: [] });

    const actions: DaemonAction[] = ["start", "stop", "restart", "restart-anyway", "edit-servers"];
    for (const action of actions) {
      expect(await run(window, { do: action, daemon: NAME }), action).toContain(TEXT.belongsToAnotherTool(NAME));
    }
    const ofServer = { do: "restart-server", daemon: NAME, server: "memory" } as const;
    expect(await run(window, ofServer)).toContain(TEXT.belongsToAnotherTool(NAME));
    expect(existsSync(join(previewsDir, "servers.json"))).toBe(false);
    await window.heading(TEXT.running);

    // A Lockstep of another directory, which sends what the app's own does, and is not judged by what is installed.
    await window.showDaemon("development");
    await window.heading(TEXT.running);
    await window.says(TEXT.version("0.0.7"));
    await window.heading(TEXT.heartbeat);
    await window.matches(/memory/);
    expect(await run(window, { do: "stop", daemon: "development" })).toContain(
      TEXT.belongsToAnotherTool("development"),
    );
    expect(second.daemons()).toEqual([developed]);
  });

  it("what becomes of another tool's daemon is shown: it hangs, dies, and comes back with another version", async ({
    startPreviews,
    writeSettings,
    launch,
    open,
  }) => {
    writeSettings({ otherDaemons: [{ name: NAME, directory: "~/.previewsmcp" }] });
    const window = await open(await launch());
    await window.showDaemon(NAME);
    await window.heading(TEXT.notRunning);
    await window.tab("Log").click();
    await window.says(TEXT.noLogYet);
    await window.tab("Overview").click();

    const first = await startPreviews("0.13.0");
    await window.heading(TEXT.running);
    await window.heading(TEXT.heartbeat);
    first.kill("SIGSTOP");
    await window.matches(TEXT.notResponding);
    first.kill("SIGCONT");
    await window.heading(TEXT.running);
    first.kill("SIGKILL");
    await window.heading(TEXT.notRunning);

    await startPreviews("0.14.0");
    await window.heading(TEXT.running);
    await window.says(TEXT.version("0.14.0"));
  });
});
