import type { Lifecycle, ServerConfig } from "../config/server-config.js";
import type { Era } from "../mcp/era.js";
import type { Refusal } from "../mcp/refusals.js";
import type { ClientHello } from "../wire/control.js";
import type { Session } from "./session/session.js";

/** What `initialize` promises a client: the capabilities of its session and, of a single server, its instructions. */
export interface Offer {
  capabilities: Record<string, unknown>;
  instructions?: string;
}

/**
 * Everything that a server may support. Sessions with all servers get it, and sessions whose server has not answered
 * `initialize` yet, since a client never asks again for a capability that was missing.
 */
export const FULL_OFFER: Offer = {
  capabilities: {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { listChanged: true, subscribe: true },
    completions: {},
    logging: {},
  },
};

/**
 * The offer for a client's `initialize`. Editors and agents show what a server really supports, so they wait for it, up
 * to 1.5 s; commands and the app do not. Never rejects: what is wrong with the server is reported to the first request
 * that needs it, and the handshake does not.
 */
export async function offerToClient(hello: ClientHello | undefined, openSession: () => Session): Promise<Offer> {
  if (hello?.server === undefined || hello.role === "cli" || hello.role === "tray") return FULL_OFFER;
  try {
    return (await openSession().offer(OFFER_WAIT_MS)) ?? FULL_OFFER;
  } catch {
    return FULL_OFFER;
  }
}

/** True when the log level that a client sets is passed to its session; with all servers at once it is only noted. */
export function passesLogLevel(hello: ClientHello | undefined): boolean {
  return hello?.server !== undefined;
}

/** How long a client's request waits to learn what a server that is still starting supports, ms. */
export const OFFER_WAIT_MS = 1_500;

/**
 * What a hosted server is promised of its clients. `client`: the capabilities of the only client of its process;
 * undefined for a process that serves many, which is promised what a request in the middle of a call may need. Roots are
 * not, since one client's directories mean nothing to the others.
 */
export function offerToServer(client: Record<string, unknown> | undefined): Record<string, unknown> {
  if (client === undefined) return { sampling: {}, elicitation: { form: {}, url: {} } };
  // What is experimental is between the client and the daemon.
  const { experimental: _experimental, ...capabilities } = client;
  return capabilities;
}

/** True when a client's notifications about itself (its roots changed, say) reach the server's process. */
export function hearsItsClient({ share }: Lifecycle): boolean {
  return share === "session";
}

/** The refusal for requests of an era that a server cannot be reached in; undefined when it can. */
export function refusalOfEra(era: Era, { kind }: ServerConfig): Refusal | undefined {
  return era === "none" && kind === "url" ? INITIALIZE_ONLY : undefined;
}

/** In an older server's words, so that clients that try 2026-07-28 first fall back to `initialize`. */
const INITIALIZE_ONLY: Refusal = { code: -32601, message: "Remote servers are reached with initialize only." };
