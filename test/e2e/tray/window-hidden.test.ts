import type { ElectronApplication } from "playwright";
import { expect } from "vitest";
import { TEXT } from "../../fixtures/app/app-window.js";
import { it } from "../../fixtures/it/with-shared-desktop.js";
import { isAlive, until } from "../../fixtures/sandbox.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";

/**
 * Asked in the app: Playwright's own page ends with the process. What is asked of a page that is just being replaced is
 * never answered, so each question has a bound.
 */
const inPage = (app: ElectronApplication, script: string): Promise<unknown> =>
  app.evaluate(
    ({ BrowserWindow }, code) =>
      Promise.race([
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code),
        new Promise((late) => setTimeout(late, 1_000, undefined)),
      ]),
    script,
  );
const shows = (app: ElectronApplication, text: string): Promise<void> =>
  until<boolean>(`the window says ${text}`, async () =>
    String(await inPage(app, "document.body.innerText")).includes(text),
  ).then(() => undefined);

it("a window that stays hidden ends its process, and a click shows everything again", async ({ desktop, box, app }) => {
  const item = await TrayItem.find(desktop);
  await item.activate();
  await until("the window is shown", () => desktop.shows("Lockstep"));
  await shows(app, TEXT.inStep);
  // The app's 20 seconds pass in a tenth of a second.
  await app.evaluate(() => {
    const real = globalThis.setTimeout;
    const faster = (act: () => void, ms?: number) => real(act, ms === 20_000 ? 100 : ms);
    globalThis.setTimeout = faster as typeof setTimeout;
  });
  const process = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.webContents.getOSProcessId(),
  );
  expect(isAlive(process)).toBe(true);
  await app.evaluate(({ app }) => {
    app.on("render-process-gone", () => Object.assign(globalThis, { crashed: true }));
  });
  await item.activate();
  await until("the window is hidden", async () => !(await desktop.shows("Lockstep")));
  await until("its process has ended", () => !isAlive(process));

  // The kernel reports a crash, and whoever watches for crashes as well.
  expect(await app.evaluate(() => "crashed" in globalThis)).toBe(false);

  await item.activate();
  await until("the window is shown again", () => desktop.shows("Lockstep"));
  await shows(app, TEXT.inStep);
  await shows(app, String(box.pid()));
});
