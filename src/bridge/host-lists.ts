import { createHash } from "node:crypto";

import { notificationFrame } from "../mcp/answer-frames.js";
import { LIST_CAPABILITIES, LISTS, listChanged, type ListCapability, type ListMethod } from "../mcp/lists.js";
import type { ResponseEnvelope } from "../wire/envelope.js";

/** Asks the daemon for a list; resolves with its answer, or undefined when the daemon is gone. */
export type AskForList = (method: ListMethod) => Promise<ResponseEnvelope | undefined>;

/**
 * What the host knows of the lists. It is told that a list changed only when that is so: servers announce a change at each
 * start, and some hosts read all lists again for each announcement.
 */
export class HostLists {
  readonly #toHost: (frame: string) => void;
  /** The digest of each list that the host has, or was told to read. */
  readonly #given = new Map<ListMethod, string>();
  readonly #checking = new Set<ListCapability>();
  /** Announced again while it was being checked. */
  readonly #again = new Set<ListCapability>();

  constructor(toHost: (frame: string) => void) {
    this.#toHost = toHost;
  }

  /** The host gets this answer to its request for the first page of a list. */
  give(method: ListMethod, answer: ResponseEnvelope): void {
    this.#given.set(method, digestOf(contentOf(answer)));
  }

  /** The host gets this result, as JSON text, without a daemon. */
  giveText(method: ListMethod, resultText: string): void {
    this.#given.set(method, digestOf(Buffer.from(resultText)));
  }

  /** Another daemon is there: whatever the host has may have changed meanwhile. */
  recheck(ask: AskForList): void {
    const given = new Set([...this.#given.keys()].map((method) => LISTS[method].capability));
    for (const capability of given) void this.onChanged(capability, ask);
  }

  /** Takes the method of a notification; false if it announces no list. */
  isAnnouncement(method: string): ListCapability | undefined {
    return LIST_CAPABILITIES.find((capability) => listChanged(capability) === method);
  }

  /** A list of `capability` is said to have changed. */
  async onChanged(capability: ListCapability, ask: AskForList): Promise<void> {
    if (this.#checking.has(capability)) return void this.#again.add(capability);
    this.#checking.add(capability);
    try {
      do {
        this.#again.delete(capability);
        if (await this.#differs(capability, ask)) this.#toHost(notificationFrame(listChanged(capability)));
      } while (this.#again.has(capability));
    } finally {
      this.#checking.delete(capability);
    }
  }

  /** True if a list that the host has is another one now, and it does not know. One that it never asked for counts as such. */
  async #differs(capability: ListCapability, ask: AskForList): Promise<boolean> {
    const methods = [...this.#given.keys()].filter((method) => LISTS[method].capability === capability);
    if (methods.length === 0) return true;
    let differs = false;
    for (const method of methods) {
      const answer = await ask(method);
      if (answer === undefined || answer.error !== undefined) continue;
      const digest = digestOf(contentOf(answer));
      if (digest !== this.#given.get(method)) differs = true;
      this.#given.set(method, digest);
    }
    return differs;
  }
}

function contentOf({ raw, result, error }: ResponseEnvelope): Buffer {
  const place = result ?? error;
  return place === undefined ? raw : raw.subarray(place.start, place.end);
}

/** Of the first page. With more pages no two are equal, since those may differ. */
function digestOf(bytes: Buffer): string {
  const isWhole = !bytes.includes('"nextCursor"');
  return createHash("sha256")
    .update(bytes)
    .update(isWhole ? "" : `${performance.now()}`)
    .digest("base64");
}
