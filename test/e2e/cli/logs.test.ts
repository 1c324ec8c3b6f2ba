import { appendFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { it as base } from "../../fixtures/it/with-box.js";
import { until } from "../../fixtures/sandbox.js";

const it = base.extend("log", ({ box }) => {
  mkdirSync(box.dir, { mode: 0o700 });
  return join(box.dir, "serve.log");
});

const line = (n: number) => `2026-05-04T10:00:00.${String(n).padStart(3, "0")}+00:00 info memory: line ${n}`;
const CRUMB = "2026-05-04T10:00:01.000+00:00 event daemon: ready (pid 812, version 1.2.0)";

it("logs shows the last fifty lines, or as many as requested", async ({ box, log }) => {
  writeFileSync(log, Array.from({ length: 200 }, (_, n) => `${line(n)}\n`).join(""));
  const lines = (await box.run(["logs"])).stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(50);
  expect(lines.at(-1)).toBe(line(199));
  expect((await box.run(["logs", "-n", "2"])).stdout).toBe(`${line(198)}\n${line(199)}\n`);
});

it("logs --breadcrumbs shows only breadcrumbs", async ({ box, log }) => {
  writeFileSync(log, `${line(1)}\n${CRUMB}\n${line(2)}\n`);
  expect((await box.run(["logs", "--breadcrumbs"])).stdout).toBe(`${CRUMB}\n`);
});

it("logs --json splits each line into its fields", async ({ box, log }) => {
  writeFileSync(log, `${CRUMB}\nSegmentation fault\n`);
  const lines = (await box.run(["logs", "--json"])).stdout.trimEnd().split("\n");
  expect(lines.map((text) => JSON.parse(text) as unknown)).toEqual([
    {
      at: "2026-05-04T10:00:01.000Z",
      level: "event",
      component: "daemon",
      text: "ready (pid 812, version 1.2.0)",
      breadcrumb: { kind: "ready", pid: 812, version: "1.2.0" },
    },
    { at: null, level: null, component: null, text: "Segmentation fault" },
  ]);
});

it("logs shows the last output of a crash, even without a newline", async ({ box, log }) => {
  writeFileSync(log, `${line(1)}\nout of mem`);
  expect((await box.run(["logs"])).stdout).toBe(`${line(1)}\nout of mem\n`);
});

it("logs reports that there is no log yet", async ({ box, log }) => {
  expect(await box.run(["logs"])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: `lockstep: no log yet: ${log}\n`,
  });
});

it("logs rejects an invalid number of lines", async ({ box }) => {
  expect(await box.run(["logs", "-n", "many"])).toMatchObject({ code: 2 });
});

it("logs -f shows each line once across a rotation, and ends with ctrl-c", async ({ box, log }) => {
  writeFileSync(log, `${line(1)}\n`);
  const child = box.spawn(["logs", "-f"]);
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = new Promise((done) => child.once("close", done));
  await until("the old line is shown", () => text.includes(line(1)));
  appendFileSync(log, `${line(2)}\n`);
  await until("the new line is shown", () => text.includes(line(2)));
  renameSync(log, `${log}.1`);
  appendFileSync(`${log}.1`, `${line(3)}\n`);
  writeFileSync(log, `${line(4)}\n`);
  await until("the line after the rotation is shown", () => text.includes(line(4)));
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  expect(text).toBe([1, 2, 3, 4].map((n) => `${line(n)}\n`).join(""));
  expect(existsSync(join(box.dir, "serve.sock"))).toBe(false);
});
