import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";

import { CurrentLogin } from "../../../../src/servers/environment/current-login.js";
import { eventually } from "../hosted.js";

let dir: string;
let problems: string[];
let late: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "login-"));
  problems = [];
  late = 0;
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A login shell that runs this first. */
function login(script: string): CurrentLogin {
  const shell = join(dir, "shell");
  writeFileSync(shell, `#!/bin/sh\necho >> "${dir}/asked"\n${script}\nexec /bin/sh "$@"\n`);
  chmodSync(shell, 0o755);
  const current = new CurrentLogin({
    env: { PATH: "/usr/bin:/bin", HOME: dir, SHELL: shell },
    onProblem: (problem) => problems.push(problem),
    onLate: () => late++,
  });
  onTestFinished(() => current.stop());
  return current;
}

const profile = (text: string): void => writeFileSync(join(dir, ".profile"), text);

it("the login shell is asked once, and again after a refresh", async () => {
  profile("export VALUE=1\n");
  const current = login("");
  const [a, b] = await Promise.all([current.get(), current.get()]);
  expect(a).toMatchObject({ VALUE: "1" });
  expect(b).toBe(a);
  profile("export VALUE=2\n");
  expect(await current.get()).toBe(a);
  current.refresh();
  expect(await current.get()).toMatchObject({ VALUE: "2" });
  expect(problems).toEqual([]);
  expect(late).toBe(0);
});

it("after a failure the login shell is asked at the next start, and its success is reported", async () => {
  profile("export VALUE=1\n");
  const current = login(`[ -e "${dir}/well" ] || exit 3`);
  expect((await current.get())["VALUE"]).toBe("1");
  expect(problems).toEqual([expect.stringMatching(/ended with code 3.*\/bin\/sh was asked instead.*asked again/)]);
  expect(current.hasFailed).toBe(true);
  writeFileSync(join(dir, "well"), "");
  expect(await current.get()).toMatchObject({ VALUE: "1" });
  expect(late).toBe(1);
  expect(current.hasFailed).toBe(false);
});

it("a login shell that is too slow is not waited for, and its late answer is used", async () => {
  profile("export VALUE=1\n");
  const current = login(`until [ -e "${dir}/well" ]; do sleep 0.1; done`);
  const first = await current.get();
  expect(first["VALUE"]).toBeUndefined();
  expect(first).toMatchObject({ HOME: dir });
  expect(problems).toEqual([expect.stringMatching(/has not answered within 5 s/)]);
  writeFileSync(join(dir, "well"), "");
  await eventually(() => expect(late).toBe(1));
  expect(await current.get()).toMatchObject({ VALUE: "1" });
});

it("while one login shell hangs, the next start asks another", async () => {
  profile("export VALUE=1\n");
  const current = login(`[ -e "${dir}/well" ] || exec sleep 300`);
  expect((await current.get())["VALUE"]).toBeUndefined();
  writeFileSync(join(dir, "well"), "");
  expect(await current.get()).toMatchObject({ VALUE: "1" });
  expect(late).toBe(1);
});

it("the end of the daemon ends a login shell that hangs", async () => {
  const current = login(`echo $$ > "${dir}/pid"; mv "${dir}/pid" "${dir}/running"; exec sleep 300`);
  const answered = current.get();
  await eventually(() => expect(existsSync(join(dir, "running"))).toBe(true));
  current.stop();
  expect(await answered).toMatchObject({ HOME: dir });
  expect(problems).toEqual([]);
});
