import type { Ensured } from "../client/ensure-options.js";
import { EVERY_CAPABILITY } from "../mcp/every-capability.js";
import type { BridgeView } from "../state/catalogue.js";
import { EXPERIMENTAL_KEY } from "../wire/control.js";
import { negotiate, type InitializeParams } from "../wire/handshake.js";
import { asObject } from "../wire/message.js";

/** What the answer is made from. */
export interface Introducing {
  /** Undefined as long as none was reached. */
  daemon: Pick<Ensured, "initialized"> | undefined;
  /** What is known without one. */
  known: BridgeView | undefined;
  /** Of what is installed. */
  version: string;
}

/**
 * The answer to the host's `initialize`. Every capability that could come is declared, since hosts read them once: servers
 * are added, and change, while the host runs. A bridge to one server shows that server's own name, version, icons and
 * instructions, as far as they are known.
 */
export function introductionTo(host: InitializeParams, { daemon, known, version }: Introducing): object {
  const { initialized } = daemon ?? {};
  const capabilities = initialized?.capabilities ?? asObject(known?.hello?.["capabilities"]);
  const own = asObject(asObject(capabilities["experimental"])[EXPERIMENTAL_KEY]);
  const server = asObject(own["server"] ?? known?.hello?.["serverInfo"]);
  const instructions = initialized?.instructions ?? known?.hello?.["instructions"];
  const isNamed = typeof server["name"] === "string" && server["name"] !== "";
  const lockstep = { name: "lockstep", title: "Lockstep", version: initialized?.serverInfo.version || version };
  return {
    protocolVersion: initialized?.protocolVersion || versionFor(host, known),
    serverInfo: isNamed ? server : lockstep,
    capabilities: { ...capabilities, ...EVERY_CAPABILITY },
    ...(typeof instructions === "string" && { instructions }),
  };
}

/** The host's own version of MCP, or the older one that its server speaks. */
function versionFor(host: InitializeParams, known: BridgeView | undefined): string {
  const asked = negotiate(host.protocolVersion);
  const servers = known?.hello?.["protocolVersion"];
  return typeof servers === "string" && servers < asked ? servers : asked;
}
