import { describe, expect, it } from "vitest";
import { menuTemplate, type MenuItem } from "../../../../electron/view/menu-template.js";
import { payloadParsers } from "../../../../electron/ipc/payloads.js";
import { windowView } from "../../../../electron/view/build-view.js";
import type { Button } from "../../../../electron/view/window-view.js";
import { draining, running, Story, type Told } from "../../../fixtures/app/app-story.js";

const SERVER = {
  name: "memory",
  state: "ready",
  pid: 9,
  version: null,
  sessions: 1,
  calls: 5,
  errors: 0,
  lastUsedAt: null,
} as const;

describe("the context menu", () => {
  it("begins with the window, then the state and the PID as plain text", () => {
    const menu = menuTemplate(running().state);
    expect(menu.slice(0, 2)).toEqual([
      { kind: "action", label: "Open Lockstep", enabled: true, command: { do: "open" } },
      { kind: "text", label: "In step · 1.4.0 · PID 48213" },
    ]);
  });

  it("ends with the two ways to quit, labelled with what they do to the daemon", () => {
    const labels = menuTemplate(running().state).map(labelOf);
    expect(labels.slice(-2)).toEqual(["Quit (daemon keeps running)", "Stop daemon and quit"]);
  });

  it.each<[string, Story, string[]]>([
    ["a running daemon", running(), ["Restart daemon", "Stop daemon"]],
    ["a stopped daemon", running().tell(draining(), { type: "disconnected" }), ["Start daemon"]],
    ["a daemon that is stopping", running().tell(draining()), ["Start daemon"]],
    ["a daemon that is being restarted", running().tell({ type: "restartRequested" }), ["Stop daemon"]],
    [
      "a daemon that died and is about to be started again",
      running().tell({ type: "disconnected" }),
      ["Start daemon", "Stop daemon"],
    ],
    ["an unresponsive daemon", running().pass(5000), ["Restart daemon", "Stop daemon"]],
  ])("enables the actions that apply to %s", (_, story, enabled) => {
    const items = menuTemplate(story.state).filter((item) => / daemon$/.test(labelOf(item)));
    expect(items.filter((item) => item.kind === "action" && item.enabled).map(labelOf)).toEqual(enabled);
  });

  it("has every action that the window has", () => {
    const refused: Told = { type: "startFailed", kind: "refused", error: "budget" };
    const status: Told = {
      type: "status",
      status: { clients: 2, inFlight: 1, rssBytes: 5, servers: [SERVER] },
    };
    for (const story of [
      running().tell(status),
      running().tell({ type: "restartRequested" }, refused),
      running().hear({ about: "app", type: "update", update: { is: "idle", checkedAt: undefined } }),
      running().hear({ about: "app", type: "commandLine", commandLine: "absent" }),
      running().hear({ about: "app", type: "update", update: { is: "ready", version: "1.5.0" } }),
      new Story().tell({ type: "startRequested" }, refused),
    ]) {
      const { daemon: view, app } = windowView(story.state);
      const banners = view.banners.map(({ button }) => button);
      const servers = view.servers.is === "some" ? view.servers.servers.map(({ restart }) => restart) : [];
      const buttons = [view.primary, ...view.actions.flat(), ...banners, ...servers, app.updates.button];
      const inMenu = new Set(
        flat(menuTemplate(story.state)).map((item) => ("command" in item ? JSON.stringify(item.command) : "")),
      );
      for (const button of buttons.filter((one): one is Button => one !== undefined)) {
        expect(inMenu).toContain(JSON.stringify(button.command));
      }
    }
  });

  it("has only commands that the window may send as well", () => {
    for (const item of flat(menuTemplate(running().state))) {
      if ("command" in item) expect(payloadParsers.command.run(item.command)).toEqual(item.command);
    }
  });

  it("shows each setting's value, and changes it with a click", () => {
    const menu = menuTemplate(running().state);
    expect(menu.find((item) => labelOf(item) === "Notifications")).toMatchObject({
      checked: true,
      command: { change: { key: "notifications", value: false } },
    });
    const theme = menu.find((item) => labelOf(item) === "Theme");
    expect(
      theme?.kind === "submenu" && theme.items.filter((item) => "checked" in item && item.checked).map(labelOf),
    ).toEqual(["System"]);
  });

  it("lists other daemons, and selects one with a click", () => {
    const story = running();
    story.state = {
      ...story.state,
      daemons: [story.record, { ...story.record, id: "p", name: "previewsmcp", control: "read-only" }],
    };
    expect(menuTemplate(story.state)[2]).toMatchObject({
      label: "previewsmcp: Running · 1.4.0 · PID 48213",
      command: { do: "select", daemon: "p" },
    });
  });
});

function flat(items: readonly MenuItem[]): MenuItem[] {
  return items.flatMap((item) => (item.kind === "submenu" ? flat(item.items) : [item]));
}

function labelOf(item: MenuItem): string {
  return "label" in item ? item.label : "";
}
