import { expect, it } from "vitest";

import { DEFAULT_LIFECYCLE } from "../../../src/config/server-config.js";
import {
  FULL_OFFER,
  offerOf,
  offerToClient,
  ownIntroduction,
  sharedIntroduction,
  withheldFromShared,
  type Offering,
} from "../../../src/servers/offer.js";
import type { ClientHello } from "../../../src/wire/control.js";

const editor: ClientHello = { role: "library", pid: 1, server: "one" };
const sessionThat = (offer: Offering["offer"]): Offering => ({ offer, knownOffer: async () => undefined });

it("an editor is offered what its server supports", async () => {
  const offer = { capabilities: { tools: {} }, instructions: "Read this." };
  expect(await offerToClient(editor, () => sessionThat(async () => offer))).toEqual(offer);
});

it("an editor gets its server's problem, and nothing that is made up", async () => {
  const unknown = (): Offering => sessionThat(() => Promise.reject(new Error("no such server")));
  await expect(offerToClient(editor, unknown)).rejects.toThrow("no such server");
});

it.each([
  ["a client without a server", undefined],
  ["a command", { ...editor, role: "cli" }],
  ["the app", { ...editor, role: "tray" }],
] as const)("%s is offered everything, without a session", async (_who, hello) => {
  const openSession = (): Offering => {
    throw new Error("a session was opened");
  };
  expect(await offerToClient(hello, openSession)).toBe(FULL_OFFER);
});

it.each([
  ["shared", "2025-06-18", "2025-06-18"],
  ["shared", "2025-11-25", "2025-06-18"],
  ["shared", "2024-11-05", "2024-11-05"],
  ["session", "2024-11-05", "2025-06-18"],
] as const)("with share %s a client of %s and a server of 2025-06-18 speak %s", (share, client, spoken) => {
  const hello = { protocolVersion: "2025-06-18", serverInfo: { name: "n", version: "v" }, capabilities: {} };
  expect(offerOf(hello, { ...DEFAULT_LIFECYCLE, share }, client).protocolVersion).toBe(spoken);
});

it("a server with one client gets that client's introduction, except what is between the client and Lockstep", () => {
  const client = { protocolVersion: "2025-06-18", clientInfo: { name: "editor", version: "1", title: "Editor" } };
  const introduced = (capabilities: Record<string, unknown>): unknown =>
    ownIntroduction({ ...client, capabilities }).capabilities;
  expect(introduced({ roots: {}, experimental: { lockstep: {} } })).toEqual({ roots: {} });
  expect(introduced({ experimental: { lockstep: {}, own: { a: 1 } } })).toEqual({ experimental: { own: { a: 1 } } });
  expect(ownIntroduction({ ...client, capabilities: {} })).toEqual({ ...client, capabilities: {} });
});

it("a server with many clients is promised elicitation, but neither sampling nor roots", () => {
  expect(sharedIntroduction("1.0.0").capabilities).toEqual({ elicitation: { form: {}, url: {} } });
  expect(withheldFromShared({ sampling: {}, roots: {}, elicitation: {} })).toBe("roots and sampling");
  expect(withheldFromShared({ elicitation: {} })).toBeUndefined();
});
