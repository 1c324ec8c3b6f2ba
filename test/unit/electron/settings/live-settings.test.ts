import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { followSettings } from "../../../../electron/settings/live-settings.js";
import type { Settings } from "../../../../electron/settings/settings.js";
import { FACT_MS } from "../../../fixtures/bounds.js";
import { Story } from "../../../fixtures/app/app-story.js";
import { it as base } from "../../../fixtures/it/with-directory.js";

/** Settings that are followed from a file, the state they lead to, and every use that was made of them. */
const it = base.extend("app", ({ directory }, { onCleanup }) => {
  const file = join(directory, "settings.json");
  const story = new Story();
  const used: Settings[] = [];
  let problem: Error | undefined;
  const store = {
    get state() {
      return story.state;
    },
    dispatch: (event: Parameters<Story["hear"]>[0]) => void story.hear(event),
  };
  const live = followSettings(file, "/h", store, (settings) => {
    used.push(settings);
    if (problem) throw problem;
  });
  onCleanup(() => live.close());
  return {
    story,
    used,
    live,
    write: (text: string): void => writeFileSync(file, text),
    failWith: (error: Error): void => void (problem = error),
  };
});

const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: FACT_MS, interval: 20 });

it("an edit of the settings while the app runs is taken up", async ({ app: { story, used, write } }) => {
  write('{"theme": "dark", "otherDaemons": [{"name": "a", "directory": "~/a"}]}');
  await eventually(() =>
    expect(story.state.settings).toMatchObject({ theme: "dark", otherDaemons: [{ name: "a", directory: "/h/a" }] }),
  );
  expect(used).toEqual([story.state.settings]);
});

it("settings that cannot be parsed leave those in force, and the problem goes with its cause", ({ app }) => {
  const { story, used, live, write } = app;
  write('{"theme": "dark"}');
  live.takeUp();
  write('{"theme": "light"');
  live.takeUp();
  expect(story.state.settings.theme).toBe("dark");
  expect(story.state.settingsProblems).toEqual([expect.stringContaining("settings.json:1:18")]);
  write('{"theme": "dark"}');
  live.takeUp();
  expect([story.state.settingsProblems, used.length]).toEqual([[], 1]);
});

it("settings that cannot be put into effect are a problem of theirs", ({ app: { story, live, write, failWith } }) => {
  failWith(new Error("the autostart directory cannot be written"));
  write('{"startAtLogin": true}');
  live.takeUp();
  expect(story.state.settingsProblems).toEqual(["the autostart directory cannot be written"]);
});
