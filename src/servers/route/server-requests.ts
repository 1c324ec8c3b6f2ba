import { ERROR } from "../../wire/control.js";
import { replaceSpans, type RequestEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import { errorFrame, notificationFrame } from "../../mcp/answer-frames.js";
import { textAt } from "../../mcp/span.js";
import { attribute } from "./attribute.js";
import type { Port } from "./port.js";

export interface ServerRequestsOptions {
  server: string;
  /** The sessions with an open call. */
  busyPorts: () => Set<Port>;
  /** All sessions. */
  ports: () => Iterable<Port>;
  sendToServer(frame: Buffer | string): void;
}

/** Requests of a hosted server to "the client": sampling, elicitation, roots. Carries them to the client and its answers back. */
export class ServerRequests {
  readonly #options: ServerRequestsOptions;
  /** By the JSON text of the server's id. */
  readonly #pending = new Map<string, { port: Port; askId: string }>();

  constructor(options: ServerRequestsOptions) {
    this.#options = options;
  }

  /** Passes the request to the client that is meant, or answers it in the client's place. */
  route(request: RequestEnvelope): void {
    const { raw, idSpan, progress } = request;
    const idText = textAt(raw, idSpan);
    const { server, busyPorts, ports } = this.#options;
    const target = attribute(server, request, { withOpenCalls: busyPorts(), connected: ports() });
    if ("code" in target) return this.#options.sendToServer(errorFrame(idText, target));
    const askId = `${ASK_PREFIX}${++lastAsk}`;
    const mapped = JSON.stringify(askId);
    const edits = [{ span: idSpan, text: mapped }];
    if (progress !== undefined) edits.push({ span: progress.span, text: mapped });
    const progressText = progress && textAt(raw, progress.span);

    const { port } = target;
    this.#pending.set(idText, { port, askId });
    const forget = (): boolean => {
      port.forget(askId);
      return this.#pending.delete(idText);
    };
    port.ask(askId, replaceSpans(raw, edits), {
      answer: (answer, span) => {
        if (forget()) this.#options.sendToServer(replaceSpans(answer, [{ span, text: idText }]));
      },
      progress: (notification, span) => {
        if (progressText === undefined) return;
        this.#options.sendToServer(replaceSpans(notification, [{ span, text: progressText }]));
      },
      abandon: () => {
        const refusal = { code: ERROR.clientAmbiguous, message: "The client disconnected before it answered." };
        if (forget()) this.#options.sendToServer(errorFrame(idText, refusal));
      },
    });
  }

  /** The server cancels one of its requests. False when none of that id is open. */
  cancel(raw: Buffer, requestId: Span): boolean {
    const idText = textAt(raw, requestId);
    const pending = this.#pending.get(idText);
    if (pending === undefined) return false;
    this.#pending.delete(idText);
    pending.port.forget(pending.askId);
    pending.port.deliver(replaceSpans(raw, [{ span: requestId, text: JSON.stringify(pending.askId) }]));
    return true;
  }

  /** The server has ended: its requests are cancelled at the clients. */
  drop(): void {
    for (const { port, askId } of this.#pending.values()) {
      port.forget(askId);
      const params = { requestId: askId, reason: `The server "${this.#options.server}" has ended.` };
      port.deliver(notificationFrame("notifications/cancelled", params));
    }
    this.#pending.clear();
  }
}

/** Begins the ids under which clients get the servers' requests, unlike those of the daemon's own. */
const ASK_PREFIX = "asked-";
let lastAsk = 0;
