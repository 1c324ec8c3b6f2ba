import type { Lifecycle, ServerConfig } from "../config/server-config.js";
import type { Era } from "../mcp/era.js";
import { methodNotFound, type Refusal } from "../mcp/refusals.js";
import type { ClientHello } from "../wire/control.js";

/** What a client is promised in answer to `initialize`. Only a single server has instructions. */
export interface Offer {
  capabilities: Record<string, unknown>;
  instructions?: string;
}

/** What can make an offer: a session. */
export interface Offering {
  /** Undefined when the server is not ready within `waitMs`. Rejects with an RpcError when there is no such server. */
  offer(waitMs: number): Promise<Offer | undefined>;
}

/**
 * Everything that a server may support. It is promised to sessions with all servers, and to sessions whose server has not
 * answered `initialize` yet: clients read the capabilities once, and never use one that was missing.
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
 * The offer in answer to a client's `initialize`. Editors and agents show what a server really supports, so their answer
 * waits up to 1.5 s for the server; that of commands and the app does not. Never rejects: a problem with the server is
 * the answer to the first request that needs the server, and the handshake does not.
 */
export async function offerToClient(hello: ClientHello | undefined, openSession: () => Offering): Promise<Offer> {
  if (hello?.server === undefined || hello.role === "cli" || hello.role === "tray") return FULL_OFFER;
  try {
    return (await openSession().offer(OFFER_WAIT_MS)) ?? FULL_OFFER;
  } catch {
    return FULL_OFFER;
  }
}

/** True when the log level that a client sets is for its session. With all servers at once no server gets to know it. */
export function passesLogLevel(hello: ClientHello | undefined): boolean {
  return hello?.server !== undefined;
}

/** How long to wait for the capabilities of a server that is still starting, ms. */
export const OFFER_WAIT_MS = 1_500;

/**
 * The client capabilities that a hosted server is promised. `client`: those of the client that has the process to itself.
 * A process for many clients (undefined) is promised what it may request in the middle of a call, but no roots: one
 * client's directories mean nothing to the others.
 */
export function offerToServer(client: Record<string, unknown> | undefined): Record<string, unknown> {
  if (client === undefined) return { sampling: {}, elicitation: { form: {}, url: {} } };
  // Experimental capabilities are between the client and the daemon.
  const { experimental: _experimental, ...capabilities } = client;
  return capabilities;
}

/** True when a client's notifications about itself, such as changed roots, are passed to the server's process. */
export function receivesClientNotifications({ share }: Lifecycle): boolean {
  return share === "session";
}

/** The refusal of a request in an era that the server does not get; undefined when it does. */
export function refusalOfEra(era: Era, { kind }: ServerConfig): Refusal | undefined {
  return era === "stateless" && kind === "url" ? INITIALIZE_ONLY : undefined;
}

/** Reads like an older server's error, so that clients that try 2026-07-28 first fall back to `initialize`. */
const INITIALIZE_ONLY = methodNotFound("Remote servers are reached with initialize only.");
