import { nestedSpan, textAt } from "../mcp/span.js";
import {
  replaceSpans,
  type NotificationEnvelope,
  type RequestEnvelope,
  type ResponseEnvelope,
} from "../wire/envelope.js";
import type { DaemonFrames } from "./daemon-frames.js";

/**
 * The open requests of hosted servers to the host. Each daemon numbers them from the beginning, so they get ids of their
 * own: an answer to a daemon's request must not reach the next daemon, which may have asked something else by then.
 */
export class ServerRequests {
  readonly #open = new Map<string, { daemon: DaemonFrames; idText: string }>();
  #last = 0;

  /** The request as the host gets it. */
  toHost(daemon: DaemonFrames, request: RequestEnvelope): Buffer {
    const id = JSON.stringify(`lockstep-${++this.#last}`);
    this.#open.set(id, { daemon, idText: textAt(request.raw, request.idSpan) });
    return replaceSpans(request.raw, [{ span: request.idSpan, text: id }]);
  }

  /** The host's answer as the daemon gets it; undefined if that is gone, or does not wait for it any more. */
  toDaemon(response: ResponseEnvelope): { daemon: DaemonFrames; frame: Buffer } | undefined {
    const id = textAt(response.raw, response.idSpan);
    const asked = this.#open.get(id);
    if (asked === undefined) return undefined;
    this.#open.delete(id);
    const frame = replaceSpans(response.raw, [{ span: response.idSpan, text: asked.idText }]);
    return { daemon: asked.daemon, frame };
  }

  /** A server's `notifications/cancelled` as the host gets it; undefined if it is about nothing that is open. */
  cancelled(daemon: DaemonFrames, notification: NotificationEnvelope): Buffer | undefined {
    const span = nestedSpan(notification.raw, notification.params, ["requestId"]);
    if (span === undefined) return undefined;
    const idText = textAt(notification.raw, span);
    for (const [id, asked] of this.#open) {
      if (asked.daemon !== daemon || asked.idText !== idText) continue;
      this.#open.delete(id);
      return replaceSpans(notification.raw, [{ span, text: id }]);
    }
    return undefined;
  }

  /** The daemon is gone: the ids, as JSON text, of what the host need not answer any more. */
  abandon(daemon: DaemonFrames): string[] {
    const abandoned = [...this.#open].filter(([, asked]) => asked.daemon === daemon).map(([id]) => id);
    for (const id of abandoned) this.#open.delete(id);
    return abandoned;
  }
}
