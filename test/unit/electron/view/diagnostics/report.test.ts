import { expect, it } from "vitest";
import { diagnosticsText } from "../../../../../electron/view/diagnostics/report.js";
import type { Private } from "../../../../../electron/view/diagnostics/scrub.js";
import { running, T0 } from "../../../../fixtures/app/app-story.js";

const PRIVATE: Private = { home: "/home/ada", user: "ada", host: "engine-7", secrets: ["hunter2-hunter2"] };
const MACHINE = { os: "Debian 12", node: "20.18.0", electron: "33.2.1", desktop: "GNOME" };

it("diagnostics hold what a bug report needs", () => {
  const story = running().tell({
    type: "breadcrumbs",
    added: [{ key: "1", at: T0, breadcrumb: { kind: "ready", pid: 48213 } }],
  });
  const text = diagnosticsText(story.state, MACHINE, PRIVATE, T0);
  for (const fact of [
    "Lockstep 1.4.0 (build b14)",
    "Debian 12; Electron 33.2.1",
    "In step",
    "PID 48213",
    "heartbeatMs=2000",
    'ready {"pid":48213}',
  ]) {
    expect(text).toContain(fact);
  }
});

it("diagnostics hold nothing private, not even in an error message", () => {
  const story = running().tell(
    { type: "restartRequested" },
    { type: "startFailed", kind: "refused", error: "/home/ada/x on engine-7: API_TOKEN=hunter2-hunter2" },
  );
  const text = diagnosticsText(story.state, MACHINE, PRIVATE, T0);
  expect(text).toContain("~/x on [host]: API_TOKEN=[hidden]");
  expect(text).not.toMatch(/\bada\b|engine-7|hunter2/);
});
