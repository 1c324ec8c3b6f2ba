import { describe, expect, it, vi } from "vitest";
import { isTrustedSender, notifierFor, serveIpc, type SenderFrame } from "../../../../electron/ipc/serve.js";
import { payloadParsers } from "../../../../electron/ipc/payloads.js";
import { channelsOf, ipcSchema, type MainHandlers } from "../../../../electron/ipc/schema.js";

const INDEX = "lockstep://app/index.html";
const OURS: SenderFrame = { url: INDEX, parent: null };
const INCOMING = channelsOf(ipcSchema).filter(({ direction }) => direction !== "notify");

function parserOf(channel: string): (raw: unknown) => unknown {
  const [group = "", name = ""] = channel.split(".");
  const parser = (payloadParsers as Record<string, Record<string, (raw: unknown) => unknown>>)[group]?.[name];
  if (!parser) throw new Error(`no parser for ${channel}`);
  return parser;
}

describe("a payload from the window", () => {
  it.each<[string, unknown]>([
    ["command.run", { do: "quit" }],
    ["command.run", { do: "install-command-line" }],
    ["command.run", { do: "restart-anyway", daemon: "lockstep" }],
    ["command.run", { do: "restart-server", daemon: "lockstep", server: "memory" }],
    ["command.run", { do: "change-setting", change: { key: "theme", value: "dark" } }],
    ["log.page", { daemon: "lockstep", before: undefined, count: 200, breadcrumbsOnly: false }],
    ["log.page", { daemon: "lockstep", before: { file: "1:2", offset: 0 }, count: 1, breadcrumbsOnly: true }],
    ["log.search", { daemon: "lockstep", needle: "exit", before: undefined, breadcrumbsOnly: false }],
    ["log.follow", { daemon: "lockstep", from: "end" }],
    ["log.follow", { daemon: "lockstep", from: { file: "1:2", offset: 9 } }],
    ["view.get", undefined],
  ])("for %s passes as it is: %j", (channel, payload) => {
    expect(parserOf(channel)(payload)).toEqual(payload);
  });

  it.each<[string, unknown]>([
    ["command.run", undefined],
    ["command.run", "quit"],
    ["command.run", { do: "toString" }],
    ["command.run", { do: "rm -rf" }],
    ["command.run", { do: "start" }],
    ["command.run", { do: "start", daemon: "x".repeat(301) }],
    ["command.run", { do: "restart-server", daemon: "lockstep", server: 1 }],
    ["command.run", { do: "change-setting", change: { key: "otherDaemons", value: [] } }],
    ["log.page", { daemon: "lockstep", count: 1e9, breadcrumbsOnly: false }],
    ["log.page", { daemon: "lockstep", count: 5, breadcrumbsOnly: "no" }],
    ["log.page", { daemon: "lockstep", before: { file: "1:2", offset: -1 }, count: 5, breadcrumbsOnly: false }],
    ["log.search", { daemon: "lockstep", needle: "x".repeat(201), breadcrumbsOnly: false }],
    ["log.follow", { daemon: "lockstep", from: "start" }],
    ["log.follow", { daemon: "lockstep" }],
    ["view.get", {}],
  ])("for %s is refused: %j", (channel, payload) => {
    expect(() => parserOf(channel)(payload)).toThrow();
  });

  it("loses every field that its parser does not name", () => {
    expect(payloadParsers.command.run({ do: "quit", daemon: "x", extra: 1 })).toEqual({ do: "quit" });
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

  /** Every handler answers "done", or fails with `failure`. */
  function served(failure?: Error) {
    const listeners = new Map<string, Listener>();
    const register = (channel: string, listener: Listener) => void listeners.set(channel, listener);
    const asked: unknown[] = [];
    const handlerOf = (channel: string) => (arg: unknown) => {
      asked.push([channel, arg]);
      if (failure) throw failure;
      return "done";
    };
    const handlers: Record<string, Record<string, unknown>> = {};
    for (const { group, name, channel } of INCOMING) (handlers[group] ??= {})[name] = handlerOf(channel);
    const refused = vi.fn();
    serveIpc({ handle: register, on: register }, INDEX, handlers as unknown as MainHandlers, refused);
    return { listeners, asked, refused };
  }

  it("answers every channel that leads to it, and no other", () => {
    expect([...served().listeners.keys()].sort()).toEqual(INCOMING.map(({ channel }) => channel).sort());
  });

  it("passes on a payload of ours that parses, and answers with the handler's value", async () => {
    const { listeners, asked } = served();
    const answer = await listeners.get("command.run")?.({ senderFrame: OURS }, { do: "quit" });
    expect(answer).toEqual({ ok: true, value: "done" });
    listeners.get("log.follow")?.({ senderFrame: OURS }, { daemon: "lockstep", from: "off" });
    expect(asked).toEqual([
      ["command.run", { do: "quit" }],
      ["log.follow", { daemon: "lockstep", from: "off" }],
    ]);
  });

  it("answers with a handler's error in its own words", async () => {
    const { listeners } = served(new Error("The log cannot be read."));
    const page = { daemon: "lockstep", before: undefined, count: 5, breadcrumbsOnly: false };
    const answer = await listeners.get("log.page")?.({ senderFrame: OURS }, page);
    expect(answer).toEqual({ ok: false, error: "The log cannot be read." });
  });

  it("refuses foreign senders and broken payloads on every channel before any handler runs", async () => {
    const { listeners, asked, refused } = served();
    for (const { channel, direction } of INCOMING) {
      const knock = (frame: SenderFrame | null, arg: unknown) => listeners.get(channel)?.({ senderFrame: frame }, arg);
      for (const knocked of [knock({ url: "https://example.org/", parent: null }, { do: "quit" }), knock(OURS, 7)]) {
        if (direction === "invoke") expect(await knocked).toEqual({ ok: false, error: expect.any(String) as string });
        else expect(knocked).toBeUndefined();
      }
    }
    expect(asked).toEqual([]);
    expect(refused).toHaveBeenCalledTimes(2 * listeners.size);
  });

  it("sends nothing while there is no window, or only one that is being destroyed", () => {
    const send = vi.fn();
    notifierFor(() => undefined).view.navigate("log");
    notifierFor(() => ({ isDestroyed: () => true, send })).view.navigate("log");
    expect(send).not.toHaveBeenCalled();
    notifierFor(() => ({ isDestroyed: () => false, send })).view.navigate("log");
    expect(send).toHaveBeenCalledWith("view.navigate", "log");
  });

  it("has a channel of the schema for everything that it sends", () => {
    const send = vi.fn();
    const notify = notifierFor(() => ({ isDestroyed: () => false, send }));
    for (const messages of Object.values(notify)) {
      for (const one of Object.values(messages as Record<string, (arg: unknown) => void>)) one(undefined);
    }
    const outgoing = channelsOf(ipcSchema).filter(({ direction }) => direction === "notify");
    expect(send.mock.calls.map(([channel]) => channel as string).sort()).toEqual(
      outgoing.map(({ channel }) => channel).sort(),
    );
  });
});
