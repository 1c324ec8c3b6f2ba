import type { Session } from "../../servers/hosted-servers.js";
import { offerToClient } from "../../servers/offer.js";
import { EXPERIMENTAL_KEY } from "../../wire/control.js";
import { negotiate, type InitializeParams, type InitializeResult } from "../../wire/handshake.js";
import { asObject } from "../../wire/message.js";
import type { Introduction } from "../introduction.js";

/** The result of `initialize`: what the client's session offers, and who the daemon is. */
export async function initializeResult(
  params: InitializeParams,
  daemon: { version: string; introduction: Introduction },
  openSession: () => Session,
): Promise<InitializeResult> {
  const { capabilities, instructions, ...offer } = await offerToClient(params.hello, openSession);
  const introduction = daemon.introduction.to(params.hello, offer.serverInfo);
  return {
    protocolVersion: offer.protocolVersion ?? negotiate(params.protocolVersion),
    // Always the daemon's own version: with the hosted server's a client could never notice that the daemon is stale.
    serverInfo: { name: "lockstep", version: daemon.version },
    capabilities: {
      ...capabilities,
      experimental: { ...asObject(capabilities["experimental"]), [EXPERIMENTAL_KEY]: introduction },
    },
    ...(instructions !== undefined && { instructions }),
  };
}
