import { EVERY_CAPABILITY } from "../mcp/every-capability.js";
import type { Ensured } from "../client/ensure-options.js";
import { EXPERIMENTAL_KEY } from "../wire/control.js";
import { negotiate, type InitializeParams } from "../wire/handshake.js";
import { asObject } from "../wire/message.js";

/**
 * The answer to the host's `initialize`. Every capability that could come is declared, since hosts read them once: servers
 * are added, and change, while the host runs. `daemon` is undefined as long as none was reached; `version` is that of this
 * program then. A bridge to one server shows that server's own name, version, icons and instructions.
 */
export function introductionTo(
  host: InitializeParams,
  daemon: Pick<Ensured, "initialized"> | undefined,
  version: string,
): object {
  const { initialized } = daemon ?? {};
  const capabilities = initialized?.capabilities ?? {};
  const own = asObject(asObject(capabilities["experimental"])[EXPERIMENTAL_KEY]);
  const server = asObject(own["server"]);
  const isNamed = typeof server["name"] === "string" && server["name"] !== "";
  return {
    protocolVersion: initialized?.protocolVersion || negotiate(host.protocolVersion),
    serverInfo: isNamed
      ? server
      : { name: "lockstep", title: "Lockstep", version: initialized?.serverInfo.version || version },
    capabilities: { ...capabilities, ...EVERY_CAPABILITY },
    ...(initialized?.instructions !== undefined && { instructions: initialized.instructions }),
  };
}
