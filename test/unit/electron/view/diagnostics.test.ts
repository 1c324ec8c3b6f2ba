import { describe, expect, it } from "vitest";
import { diagnosticsText } from "../../../../electron/view/diagnostics.js";
import { scrubbed, type Private } from "../../../../electron/view/scrub.js";
import { running, T0 } from "../../../fixtures/app/app-story.js";

const PRIVATE: Private = { home: "/home/ada", user: "ada", host: "engine-7", secrets: ["hunter2-hunter2"] };
const MACHINE = { os: "Debian 12", node: "20.18.0", electron: "33.2.1", desktop: "GNOME" };

describe("diagnostics", () => {
  it("tell what a report needs", () => {
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

  it("tell nothing of their author, wherever it stands", () => {
    const story = running().tell(
      { type: "restartRequested" },
      { type: "startFailed", kind: "refused", error: "/home/ada/x on engine-7: API_TOKEN=hunter2-hunter2" },
    );
    const text = diagnosticsText(story.state, MACHINE, PRIVATE, T0);
    expect(text).toContain("~/x on [host]: API_TOKEN=[hidden]");
    expect(text).not.toMatch(/\bada\b|engine-7|hunter2/);
  });
});

describe("scrubbing", () => {
  it.each([
    ["/home/ada/.lockstep and /home/ada", "~/.lockstep and ~"],
    ["/home/adaline/x", "/home/adaline/x"],
    ["user ada@engine-7", "user [user]@[host]"],
    ["OPENAI_API_KEY=abc123 next", "OPENAI_API_KEY=[hidden] next"],
    ['{"token": "abc def", "n": 1}', '{"token": "[hidden] def", "n": 1}'],
    ["password: swordfish, x", "password: [hidden], x"],
    ["Authorization: Bearer abc.def", "Authorization: [hidden]"],
    ["sent Bearer abcdefgh1234", "sent Bearer [hidden]"],
    ["--api-key s3cr3t go", "--api-key [hidden] go"],
    ["https://ada:pw@example.org/p", "https://[hidden]@example.org/p"],
    ["key sk-abcdefghijklmnop1234", "key [hidden]"],
    ["ghp_abcdefghijklmnopqrstuvwx", "[hidden]"],
    ["eyJhbGciOiJI.eyJzdWIiOiIx.abc", "[hidden]"],
    ["known hunter2-hunter2!", "known [hidden]!"],
    ["tokens are nice, monkey=banana", "tokens are nice, monkey=banana"],
    ["pid=48213 buildId=b14", "pid=48213 buildId=b14"],
  ])("makes of %s: %s", (text, clean) => {
    expect(scrubbed(text, PRIVATE)).toBe(clean);
  });

  it("leaves names alone that would blot out everything", () => {
    expect(scrubbed("root on localhost", { ...PRIVATE, user: "root", host: "localhost", home: "/" })).toBe(
      "root on localhost",
    );
  });

  it("is quick with lines of megabytes", () => {
    const began = performance.now();
    scrubbed(`${"key-".repeat(500_000)}\n${"a".repeat(2_000_000)}`, PRIVATE);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
