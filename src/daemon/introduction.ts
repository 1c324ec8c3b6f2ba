import type { ClientHello, DaemonHello } from "../wire/control.js";
import { ownBinary } from "../install/own-binary.js";
import type { Installed } from "../version/identity.js";
import { HEARTBEAT_MS } from "./heartbeat.js";

/** What the daemon says of itself in the handshake, in `lockstep/status` and in `serve.json`. */
export class Introduction {
  readonly hello: DaemonHello;
  /** Installations whose clients have shown the notice that they use another installation's daemon. */
  readonly #noticed = new Set<string>();

  constructor(installed: Installed, launchedBy: string, startedAt: Date) {
    this.hello = {
      protocol: installed.protocol ?? 0,
      buildId: installed.buildId ?? "",
      installRoot: installed.root,
      ...(installed.place !== undefined && { place: installed.place }),
      execPath: ownBinary(),
      pid: process.pid,
      startedAt: startedAt.toISOString(),
      launchedBy,
      heartbeatMs: HEARTBEAT_MS,
    };
  }

  /**
   * With `noticed` for a client whose installation has shown its notice already: once in a daemon's life is enough. With
   * `server` for a client of one hosted server, which describes itself so.
   */
  to(client: ClientHello | undefined, server: Record<string, unknown> | undefined): DaemonHello {
    const noticed = client?.installRoot !== undefined && this.#noticed.has(client.installRoot);
    return { ...this.hello, ...(noticed && { noticed }), ...(server && { server }) };
  }

  rememberNotice(installRoot: string): void {
    if (this.#noticed.size < MAX_NOTICED) this.#noticed.add(installRoot);
  }
}

const MAX_NOTICED = 1_000;
