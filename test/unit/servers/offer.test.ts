import { expect, it } from "vitest";

import { DEFAULT_LIFECYCLE, type ServerConfig } from "../../../src/config/server-config.js";
import { FULL_OFFER, offerToClient, offerToServer, refusalOfEra } from "../../../src/servers/offer.js";
import type { Session } from "../../../src/servers/session/session.js";
import type { ClientHello } from "../../../src/wire/control.js";

const editor: ClientHello = { role: "library", pid: 1, server: "one" };
const sessionThat = (offer: Session["offer"]): Session => ({ handle: () => undefined, close: () => undefined, offer });

it("an editor is offered what its server supports", async () => {
  const offer = { capabilities: { tools: {} }, instructions: "Read this." };
  expect(await offerToClient(editor, () => sessionThat(async () => offer))).toEqual(offer);
});

it("everything is offered while the server has not answered, or cannot be used", async () => {
  expect(await offerToClient(editor, () => sessionThat(async () => undefined))).toBe(FULL_OFFER);
  expect(await offerToClient(editor, () => sessionThat(() => Promise.reject(new Error("no such server"))))).toBe(
    FULL_OFFER,
  );
});

it.each([
  ["a client without a server", undefined],
  ["a command", { ...editor, role: "cli" }],
  ["the app", { ...editor, role: "tray" }],
] as const)("%s is offered everything, without a session", async (_who, hello) => {
  const openSession = (): Session => {
    throw new Error("a session was opened");
  };
  expect(await offerToClient(hello, openSession)).toBe(FULL_OFFER);
});

it("a server with one client is promised that client's capabilities, except the experimental ones", () => {
  expect(offerToServer({ roots: {}, experimental: { lockstep: {} } })).toEqual({ roots: {} });
  expect(offerToServer({})).toEqual({});
});

it("a server with many clients is promised sampling and elicitation, but no roots", () => {
  expect(Object.keys(offerToServer(undefined))).toEqual(["sampling", "elicitation"]);
});

it("remote servers are reached with initialize only", () => {
  const remote: ServerConfig = { kind: "url", url: "https://e.org", headers: {}, ...DEFAULT_LIFECYCLE };
  expect(refusalOfEra("stateless", remote)).toMatchObject({ code: -32601 });
  expect(refusalOfEra("initialize", remote)).toBeUndefined();
});
