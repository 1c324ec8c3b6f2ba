import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Step {
  uses?: string;
  run?: string;
}
interface Workflow {
  permissions?: Record<string, string>;
  concurrency?: { group: string };
  jobs: Record<
    string,
    { steps?: Step[]; uses?: string; needs?: string | string[]; "timeout-minutes"?: number; permissions?: object }
  >;
}

const DIRECTORY = ".github/workflows";
/** The parser that comes with electron-updater. */
const { load } = createRequire(createRequire(import.meta.url).resolve("electron-updater"))("js-yaml") as {
  load: (text: string) => unknown;
};
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

describe.each(readdirSync(DIRECTORY))("%s", (file) => {
  const workflow = load(readFileSync(join(DIRECTORY, file), "utf8")) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps ?? []);

  it("a workflow runs only scripts from package.json", () => {
    const used = steps.flatMap(({ run = "" }) => [...run.matchAll(/\bnpm (?:run (\S+)|(test)\b)/g)]);
    const names = used.map(([, script, test]) => script ?? test ?? "");
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });

  it("actions are pinned, and jobs exist and have time limits", () => {
    const uses = [...steps, ...jobs.map(([, job]) => job)].flatMap((one) => one.uses ?? []);
    expect(uses.filter((use) => !/^\.\/\.github\/workflows\/\w+\.yml$|@(v\d+|[0-9a-f]{40})$/.test(use))).toEqual([]);
    for (const [name, job] of jobs) {
      for (const needed of [job.needs ?? []].flat()) expect(Object.keys(workflow.jobs), name).toContain(needed);
      if (job.uses === undefined) expect(job["timeout-minutes"], name).toBeGreaterThan(0);
    }
  });

  it("permissions are read-only by default, and no expression is used in a shell", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect(workflow.concurrency?.group).toMatch(/^(ci|release)/);
    const more = jobs.flatMap(([name, { permissions }]) => (permissions === undefined ? [] : [[name, permissions]]));
    expect(Object.fromEntries(more)).toEqual(
      file === "release.yml" ? { draft: { contents: "write" }, npm: { contents: "read", "id-token": "write" } } : {},
    );
    // A value in a command could be read as a command, and a secret there ends up in the log.
    expect(steps.filter(({ run }) => run?.includes("${{"))).toEqual([]);
  });
});
