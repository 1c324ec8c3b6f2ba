import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect } from "vitest";
import { it as base } from "../../fixtures/it/with-desktop.js";
import { until } from "../../fixtures/sandbox.js";

/** An ordinary user, whose programs cannot make user namespaces, as AppArmor forbids it on Ubuntu since 24.04. */
const CLOSED = ["unshare", "--user", "--map-user=65534", "--keep-caps", "sh", "-c"];
const CLOSE_AND_RUN =
  'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all "$@"';
const canClose = spawnSync(CLOSED[0]!, [...CLOSED.slice(1), CLOSE_AND_RUN, "sh", "true"]).status === 0;

const it = base.extend("npmStart", ({ desktop, box }) => (prefix: string[], env: NodeJS.ProcessEnv = {}) => {
  const [command = "", ...args] = [...prefix, process.execPath, resolve("build/start.mjs")];
  const child = box.track(
    spawn(command, args, {
      env: { ...desktop.env, LOCKSTEP_DIR: box.dir, TMPDIR: box.root, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  return { child, output: () => output };
});

it.skipIf(!canClose)(
  "npm start says how to allow Chromium's sandbox where it is forbidden, and shows the daemon in the terminal",
  async ({ npmStart, box }) => {
    const { child, output } = npmStart([...CLOSED, CLOSE_AND_RUN, "sh"]);
    await until("the status is shown", () => output().includes("running"));
    expect(output()).toMatch(
      /npm start: the app can't run: Chromium's sandbox needs user namespaces.*\n.*\n {2}sudo chown root '\/.*\/chrome-sandbox' && sudo chmod 4755 '\/.*\/chrome-sandbox'\nor install the deb/,
    );
    expect((await box.run(["status"])).code).toBe(0);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
  },
);

it("npm start shows the daemon in the terminal where the display cannot be reached", async ({ npmStart, box }) => {
  const { child, output } = npmStart([], { DISPLAY: ":32767" });
  await until("the status is shown", () => output().includes("running"));
  expect(output()).toContain("npm start: the app can't run: the display that DISPLAY or WAYLAND_DISPLAY names");
  expect((await box.run(["status"])).code).toBe(0);
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([0, null]);
});
