import { ERROR } from "../../wire/control.js";
import { replaceSpans, type RequestEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import { errorFrame, notificationFrame } from "../../mcp/answer-frames.js";
import type { Refusal } from "../../mcp/refusals.js";
import { lackingCapability } from "../../mcp/client-capabilities.js";
import { textAt } from "../../mcp/span.js";
import type { Port } from "./port.js";

export interface ServerRequestsOptions {
  server: string;
  /** The sessions with an open call, and all sessions. */
  busyPorts(): Set<Port>;
  ports(): Iterable<Port>;
  sendToServer(frame: Buffer | string): void;
}

/** Requests of a hosted server to "the client": sampling, elicitation, roots. Finds out which client is meant. */
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
    const target = this.#target(request);
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
        const refusal = {
          code: ERROR.clientAmbiguous,
          message: "The client disconnected before it answered.",
        };
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
      const params = { requestId: askId, reason: `The server "${this.#options.server}" is gone.` };
      port.deliver(notificationFrame("notifications/cancelled", params));
    }
    this.#pending.clear();
  }

  #target(request: RequestEnvelope): { port: Port } | Refusal {
    const busy = this.#options.busyPorts();
    const candidates = busy.size > 0 ? [...busy] : [...this.#options.ports()];
    const [port] = candidates;
    if (port === undefined || candidates.length > 1)
      return ambiguous(this.#options.server, request.method, candidates.length);
    return lackOf(port.client.capabilities, request) ?? { port };
  }
}

/** Begins the ids under which clients get the servers' requests, unlike those of the daemon's own. */
const ASK_PREFIX = "asked-";
let lastAsk = 0;

function ambiguous(server: string, method: string, candidates: number): Refusal {
  const why =
    candidates === 0
      ? "no client is connected to it"
      : `${candidates} clients use it at this moment, and the request does not say which one is meant`;
  const wayOut =
    candidates === 0 ? "" : ` To give each client a process of its own, set "lockstep": {"share": "session"}.`;
  return {
    code: ERROR.clientAmbiguous,
    message: `The server "${server}" asked "${method}" of its client, but ${why}.${wayOut}`,
    data: { server, clients: candidates },
  };
}

/** The error that the client itself would give for a request that it does not support; undefined when it does. */
function lackOf(capabilities: Record<string, unknown>, request: RequestEnvelope): Refusal | undefined {
  const lacking = lackingCapability(capabilities, request);
  if (lacking === undefined) return undefined;
  return { code: -32601, message: `The client whose call is open does not support ${lacking}.` };
}
