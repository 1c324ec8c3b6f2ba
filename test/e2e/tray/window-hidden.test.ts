import type { ElectronApplication } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TEXT } from "../../fixtures/app/app-window.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { isAlive, Sandbox, until } from "../../fixtures/sandbox.js";
import { launchApp } from "../../fixtures/app/tray-app.js";
import { TrayItem } from "../../fixtures/desktop/tray-item.js";

let box: Sandbox;
let desktop: Desktop;
let app: ElectronApplication;

beforeAll(async () => {
  box = new Sandbox();
  desktop = await Desktop.start();
  app = await launchApp(desktop, { env: { LOCKSTEP_DIR: box.dir } });
});
afterAll(async () => {
  await app?.close();
  await box.close();
  await desktop?.close();
});

const windowIsShown = (): Promise<boolean> => desktop.shows("Lockstep");
/**
 * Asked in the app: Playwright's own page ends with the process. What is asked of a page that is just being replaced is
 * never answered, so each question has a bound.
 */
const inPage = (script: string): Promise<unknown> =>
  app.evaluate(
    ({ BrowserWindow }, code) =>
      Promise.race([
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code),
        new Promise((late) => setTimeout(late, 1_000, undefined)),
      ]),
    script,
  );
const shows = (text: string): Promise<void> =>
  until<boolean>(`the window says ${text}`, async () =>
    String(await inPage("document.body.innerText")).includes(text),
  ).then(() => undefined);

it("a window that stays hidden gives its process back, and shows everything again at a click", async () => {
  const item = await TrayItem.find(desktop);
  await item.activate();
  await until("the window is shown", windowIsShown);
  await shows(TEXT.inStep);
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
  await item.activate();
  await until("the window is hidden", async () => !(await windowIsShown()));
  await until("its process has ended", () => !isAlive(process));

  await item.activate();
  await until("the window is shown again", windowIsShown);
  await shows(TEXT.inStep);
  await shows(String(box.pid()));
});
