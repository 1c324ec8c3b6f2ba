import type { Lifecycle } from "../config/server-config.js";
import { EXPERIMENTAL_KEY, type ClientHello, type Role } from "../wire/control.js";
import { LATEST_PROTOCOL_VERSION } from "../wire/handshake.js";
import { EVERY_CAPABILITY } from "../mcp/every-capability.js";
import { asObject } from "../wire/message.js";
import type { ClientIntroduction, ServerHello } from "./process/hello.js";

/** What a client is promised in answer to `initialize`. */
export interface Offer {
  capabilities: Record<string, unknown>;
  /** With one server: its own. */
  instructions?: string;
  /** With one server: as it describes itself. */
  serverInfo?: Record<string, unknown>;
  /** With one server: the version that it and the client have in common. */
  protocolVersion?: string;
}

/** What can make an offer: a session. */
export interface Offering {
  /** Waits for the server if need be. Rejects with an RpcError when there is none, or when it cannot be started. */
  offer(): Promise<Offer>;
  /** The offer as far as it is known; undefined when only the server can say. Starts nothing. Never rejects. */
  knownOffer(): Promise<Offer | undefined>;
}

/** The promise to sessions with all servers, whose servers come and go. */
export const FULL_OFFER: Offer = { capabilities: EVERY_CAPABILITY };

/** True when the client's `initialize` is answered with what its server supports, after the server's start if need be. */
export function waitsForServer(hello: ClientHello | undefined): boolean {
  return hello?.server !== undefined && !DOES_NOT_WAIT.includes(hello.role);
}

/**
 * The offer in answer to a client's `initialize`: with one server that server's own, for which it waits as a direct client
 * of the server would, and whose problem is its answer. Commands and the app make no use of capabilities, and a bridge has
 * to answer its host at once: these are not kept waiting, and a problem with their server is the answer to the first request
 * that needs it.
 */
export async function offerToClient(hello: ClientHello | undefined, openSession: () => Offering): Promise<Offer> {
  if (waitsForServer(hello)) return openSession().offer();
  const isBridge = hello?.role === "bridge" && hello.server !== undefined;
  return (isBridge ? await openSession().knownOffer() : undefined) ?? FULL_OFFER;
}

const DOES_NOT_WAIT: readonly Role[] = ["cli", "tray", "bridge"];

/** The offer of one server to a client that asked for `clientVersion` of the protocol. */
export function offerOf(hello: ServerHello, { share }: Lifecycle, clientVersion: string): Offer {
  const { protocolVersion, ...rest } = hello;
  // A process of its own was asked for the client's version. The shared one was not, and may speak a newer one.
  const isNewer = share === "shared" && protocolVersion > clientVersion;
  return { ...rest, protocolVersion: isNewer ? clientVersion : protocolVersion };
}

/** `version`: Lockstep's own. */
export function sharedIntroduction(version: string): ClientIntroduction {
  return {
    protocolVersion: LATEST_PROTOCOL_VERSION,
    // What any client can be helped with. One client's directories mean nothing to the others, and its model is its own.
    capabilities: { elicitation: { form: {}, url: {} } },
    clientInfo: { name: "lockstep", title: "Lockstep", version },
  };
}

/** The introduction of a client that has the process to itself: its own, without what is between it and the daemon. */
export function ownIntroduction(client: ClientIntroduction): ClientIntroduction {
  const { protocolVersion, clientInfo, capabilities } = client;
  const { experimental, ...others } = capabilities;
  const { [EXPERIMENTAL_KEY]: _ours, ...theirs } = asObject(experimental);
  const isEmpty = Object.keys(theirs).length === 0;
  return { protocolVersion, clientInfo, capabilities: isEmpty ? others : { ...others, experimental: theirs } };
}

/**
 * The client's capabilities that a shared server is not promised, and which it therefore cannot use: as words, undefined
 * when there are none.
 */
export function withheldFromShared(capabilities: Record<string, unknown>): string | undefined {
  const withheld = ["roots", "sampling"].filter((key) => capabilities[key] !== undefined);
  return withheld.length === 0 ? undefined : withheld.join(" and ");
}

/** True when a client's notification of this method is passed to the server: a shared one is not promised any roots. */
export function receivesNotification(method: string, { share }: Lifecycle): boolean {
  return share === "session" || method !== "notifications/roots/list_changed";
}
