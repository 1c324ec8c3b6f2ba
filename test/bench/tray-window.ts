import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { _electron, type ElectronApplication } from "playwright";

import { electronProgram } from "../../build/electron/electron-dist.mjs";
import { type Desktop } from "../fixtures/desktop/desktop.js";
import { until } from "../fixtures/sandbox.js";
import { summarize, type Measured } from "./measure.js";

/** An app to measure. */
export interface Subject {
  path: string;
  /** The title of its window. */
  title: string;
  env: Record<string, string>;
}

const STARTS = 3;
const CLICKS = 8;
/** The app treats faster clicks as one. */
const BETWEEN_CLICKS_MS = 700;
const SCROLL_BOUND_MS = 120_000;

/**
 * Milliseconds from before the click is sent to a painted window: xdotool's start, the panel, the message to the app,
 * the window's mapping, and two frames of the page with content in it, since the first is painted when the second
 * begins. The first click of a start makes the window and loads the page as well.
 */
export async function clicks(desktop: Desktop, subject: Subject): Promise<{ first: Measured; later: Measured }> {
  const first: number[] = [];
  const later: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    await withApp(desktop, subject, async (app) => {
      const icon = await desktop.iconPosition();
      const click = async (): Promise<number> => {
        const painted = await awaitPainted(app);
        const began = Date.now();
        await desktop.click(icon);
        return (await painted.evaluate(({ at }) => at)) - began;
      };
      // The work of the app's start is not measured.
      await delay(BETWEEN_CLICKS_MS);
      first.push(await click());
      for (let round = 0; round < CLICKS; round++) {
        await delay(BETWEEN_CLICKS_MS);
        await desktop.click(icon);
        await until("the window is hidden", async () => !(await desktop.shows(subject.title)));
        await delay(BETWEEN_CLICKS_MS);
        later.push(await click());
      }
    });
    await until("the icon is gone", async () => !(await trayItems(desktop)));
  }
  return { first: summarize(first), later: summarize(later) };
}

/** The time (epoch ms) at which the window is painted next; kept in the app and read afterwards. */
function awaitPainted(app: ElectronApplication) {
  return app.evaluateHandle(({ app: electron, BrowserWindow }) => {
    const frames = `new Promise((done) => {
      const filled = () => document.title === "Empty" || document.querySelector("#app")?.childElementCount > 0;
      const look = () => requestAnimationFrame(() => (filled() ? requestAnimationFrame(done) : look()));
      look();
    }).then(() => Date.now())`;
    const shown = (window: Electron.BrowserWindow): Promise<number> =>
      new Promise((done, fail) => {
        window.once("show", () => void window.webContents.executeJavaScript(frames).then(done, fail));
      });
    const [window] = BrowserWindow.getAllWindows();
    const at = window
      ? shown(window)
      : new Promise<number>((done, fail) => {
          electron.once("browser-window-created", (_, made) => void shown(made).then(done, fail));
        });
    return { at };
  });
}

export interface Scrolled {
  /** Milliseconds; 0 when no task was long enough to be reported. */
  longestTask: number;
  longestFrame: number;
  rows: number;
}

/** Scrolls the log from its end to its beginning, which fetches it page by page, and back: most of a page each frame. */
export async function scroll(desktop: Desktop, subject: Subject, lines: number): Promise<Scrolled> {
  let scrolled: Scrolled | undefined;
  await withApp(desktop, subject, async (app) => {
    await desktop.click(await desktop.iconPosition());
    const page = await app.firstWindow();
    await page.getByRole("tab", { name: "Log" }).click();
    await page.getByText(`ready (pid ${lines}, version`).waitFor();
    page.setDefaultTimeout(SCROLL_BOUND_MS);
    scrolled = await page.evaluate<Scrolled>(scrollScript(lines));
  });
  if (!scrolled) throw new Error("the log was not scrolled");
  return scrolled;
}

function scrollScript(lines: number): string {
  return `new Promise((done, fail) => {
    const box = document.querySelector("[role=listbox]");
    const tasks = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
    observer.observe({ type: "longtask" });
    const rows = () => Number(document.querySelector("[role=option]")?.getAttribute("aria-setsize") ?? 0);
    const began = performance.now();
    let up = true;
    let before = began;
    let longestFrame = 0;
    const frame = () => {
      const now = performance.now();
      longestFrame = Math.max(longestFrame, now - before);
      before = now;
      if (now - began > ${SCROLL_BOUND_MS}) return fail(new Error("the other end of the log was not reached: " + rows() + " rows"));
      const rest = box.scrollHeight - box.clientHeight - box.scrollTop;
      if (up && box.scrollTop === 0 && rows() >= ${lines}) up = false;
      else if (!up && rest < 1) {
        tasks.push(...observer.takeRecords());
        return done({ longestTask: Math.max(0, ...tasks.map(({ duration }) => duration)), longestFrame, rows: rows() });
      }
      box.scrollTop += (up ? -0.9 : 0.9) * box.clientHeight;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  })`;
}

async function withApp(
  desktop: Desktop,
  { path, env }: Subject,
  use: (app: ElectronApplication) => Promise<void>,
): Promise<void> {
  const launchEnv = Object.entries({ ...desktop.env, ...env, ELECTRON_DISABLE_SANDBOX: "1" });
  const app = await _electron.launch({
    executablePath: electronProgram(),
    args: [path],
    env: Object.fromEntries(launchEnv.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    timeout: 20_000,
  });
  const ended = once(app.process(), "exit");
  try {
    await use(app);
  } finally {
    await app.close();
    await ended;
  }
}

async function trayItems(desktop: Desktop): Promise<boolean> {
  const watcher = ["org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"] as const;
  const property = [watcher[0], "RegisteredStatusNotifierItems"] as const;
  const [items] = await desktop.call(...watcher, "org.freedesktop.DBus.Properties.Get", ...property);
  return (items as string[]).length > 0;
}
