import { describe, expect, it, vi } from "vitest";
import { isTrustedSender, notifierFor, serveIpc, type SenderFrame } from "../../../../electron/ipc/serve.js";
import { payloadParsers } from "../../../../electron/ipc/payloads.js";
import { ipcSchema, type Incoming, type MainHandlers } from "../../../../electron/ipc/schema.js";

const INDEX = "lockstep://app/index.html";
const OURS: SenderFrame = { url: INDEX, parent: null };

describe("a payload from the window", () => {
  it.each<[Incoming, unknown]>([
    ["command", { do: "quit" }],
    ["command", { do: "install-command-line" }],
    ["command", { do: "restart-anyway", daemon: "lockstep" }],
    ["command", { do: "restart-server", daemon: "lockstep", server: "memory" }],
    ["command", { do: "change-setting", change: { key: "theme", value: "dark" } }],
    ["logPage", { daemon: "lockstep", before: undefined, count: 200, breadcrumbsOnly: false }],
    ["logPage", { daemon: "lockstep", before: { file: "1:2", offset: 0 }, count: 1, breadcrumbsOnly: true }],
    ["logSearch", { daemon: "lockstep", needle: "exit", before: undefined, breadcrumbsOnly: false }],
    ["logFollow", { daemon: "lockstep", from: "end" }],
    ["logFollow", { daemon: "lockstep", from: { file: "1:2", offset: 9 } }],
    ["getView", undefined],
  ])("for %s passes as it is: %j", (channel, payload) => {
    expect(payloadParsers[channel](payload)).toEqual(payload);
  });

  it.each<[Incoming, unknown]>([
    ["command", undefined],
    ["command", "quit"],
    ["command", { do: "toString" }],
    ["command", { do: "rm -rf" }],
    ["command", { do: "start" }],
    ["command", { do: "start", daemon: "x".repeat(301) }],
    ["command", { do: "restart-server", daemon: "lockstep", server: 1 }],
    ["command", { do: "change-setting", change: { key: "otherDaemons", value: [] } }],
    ["logPage", { daemon: "lockstep", count: 1e9, breadcrumbsOnly: false }],
    ["logPage", { daemon: "lockstep", count: 5, breadcrumbsOnly: "no" }],
    ["logPage", { daemon: "lockstep", before: { file: "1:2", offset: -1 }, count: 5, breadcrumbsOnly: false }],
    ["logSearch", { daemon: "lockstep", needle: "x".repeat(201), breadcrumbsOnly: false }],
    ["logFollow", { daemon: "lockstep", from: "start" }],
    ["logFollow", { daemon: "lockstep" }],
    ["getView", {}],
  ])("for %s is refused: %j", (channel, payload) => {
    expect(() => payloadParsers[channel](payload)).toThrow();
  });

  it("loses what nobody asked for", () => {
    expect(payloadParsers.command({ do: "quit", daemon: "x", extra: 1 })).toEqual({ do: "quit" });
  });
});

describe("a sender", () => {
  it("is trusted when it is our page's main frame, wherever in the page it is", () => {
    expect(isTrustedSender(OURS, INDEX)).toBe(true);
    expect(isTrustedSender({ url: `${INDEX}#log`, parent: null }, INDEX)).toBe(true);
  });

  it.each<[string, SenderFrame | null]>([
    ["a frame that is gone", null],
    ["a frame within our page", { url: INDEX, parent: OURS }],
    ["another page of our scheme", { url: "lockstep://app/other.html", parent: null }],
    ["a page whose address begins like ours", { url: `${INDEX}.evil.test/`, parent: null }],
    ["a query, which we never have", { url: `${INDEX}?x`, parent: null }],
    ["the web", { url: "https://example.org/index.html", parent: null }],
    ["a file", { url: "file:///index.html", parent: null }],
    ["nothing", { url: "", parent: null }],
  ])("is refused when it is %s", (_, frame) => {
    expect(isTrustedSender(frame, INDEX)).toBe(false);
  });
});

describe("the main process", () => {
  type Listener = (event: { senderFrame: SenderFrame | null }, arg: unknown) => unknown;

  function served() {
    const listeners = new Map<string, Listener>();
    const register = (channel: string, listener: Listener) => void listeners.set(channel, listener);
    const asked: unknown[] = [];
    const handlers = new Proxy({}, { get: (_, channel) => (arg: unknown) => (asked.push([channel, arg]), "done") });
    const refused = vi.fn();
    serveIpc({ handle: register, on: register }, INDEX, handlers as MainHandlers, refused);
    return { listeners, asked, refused };
  }

  it("answers every channel that leads to it, and no other", () => {
    const incoming = Object.entries(ipcSchema).filter(([, { direction }]) => direction !== "notify");
    expect([...served().listeners.keys()].sort()).toEqual(incoming.map(([channel]) => channel).sort());
  });

  it("hands on what is ours and parses", () => {
    const { listeners, asked } = served();
    expect(listeners.get("command")?.({ senderFrame: OURS }, { do: "quit" })).toBe("done");
    listeners.get("logFollow")?.({ senderFrame: OURS }, { daemon: "lockstep", from: "off" });
    expect(asked).toEqual([
      ["command", { do: "quit" }],
      ["logFollow", { daemon: "lockstep", from: "off" }],
    ]);
  });

  it("refuses foreign senders and broken payloads on every channel before any handler runs", () => {
    const { listeners, asked, refused } = served();
    for (const [channel, listener] of listeners) {
      const isInvoke = ipcSchema[channel as Incoming].direction === "invoke";
      const knock = (frame: SenderFrame | null, arg: unknown) => () => listener({ senderFrame: frame }, arg);
      for (const knocking of [knock({ url: "https://example.org/", parent: null }, { do: "quit" }), knock(OURS, 7)]) {
        if (isInvoke) expect(knocking).toThrow();
        else knocking();
      }
    }
    expect(asked).toEqual([]);
    expect(refused).toHaveBeenCalledTimes(2 * listeners.size);
  });

  it("tells nobody when there is no window, or only one that is being destroyed", () => {
    const send = vi.fn();
    notifierFor(() => undefined)("navigate", "log");
    notifierFor(() => ({ isDestroyed: () => true, send }))("navigate", "log");
    expect(send).not.toHaveBeenCalled();
    notifierFor(() => ({ isDestroyed: () => false, send }))("navigate", "log");
    expect(send).toHaveBeenCalledWith("navigate", "log");
  });
});
