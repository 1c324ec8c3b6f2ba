import { notificationFrame } from "../../mcp/answer-frames.js";
import { listChanged, type ListCapability } from "../../mcp/lists.js";
import type { Port } from "../route/port.js";

/** Makes a client read lists again: once for all servers that become ready, or are added or removed, together. */
export class ListAnnouncer {
  readonly #port: Port;
  readonly #changed = new Set<ListCapability>();
  #timer: NodeJS.Timeout | undefined;

  constructor(port: Port) {
    this.#port = port;
  }

  announce(capabilities: Iterable<ListCapability>): void {
    for (const capability of capabilities) this.#changed.add(capability);
    if (this.#changed.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const capability of this.#changed) this.#port.deliver(notificationFrame(listChanged(capability)));
      this.#changed.clear();
    }, TOGETHER_MS);
    this.#timer.unref();
  }
}

const TOGETHER_MS = 100;
