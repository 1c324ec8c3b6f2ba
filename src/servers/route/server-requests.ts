import { lackingCapability } from "../../mcp/client-capabilities.js";
import { errorFrame, notificationFrame, resultFrame } from "../../mcp/answer-frames.js";
import { elicitationIdOf, messageOf } from "../../mcp/params.js";
import type { Refusal } from "../../mcp/refusals.js";
import { textAt } from "../../mcp/span.js";
import { relatedTask } from "../../mcp/tasks.js";
import { ERROR } from "../../wire/control.js";
import { replaceSpans, type NotificationEnvelope, type RequestEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import { attribute, type Attribution, type WorkForClients } from "./attribution/attribute.js";
import type { SentFrame } from "../channel/channel.js";
import type { Port } from "./port.js";

export interface ServerRequestsOptions {
  server: string;
  /** Several clients share the process. */
  isShared: boolean;
  work(): WorkForClients<Port>;
  /** The client whose open request this frame carried. */
  askerOf(sent: SentFrame): Port | undefined;
  sendToServer(frame: Buffer | string): void;
  /** Reports, as a warning, what was answered in a client's place. */
  log(text: string): void;
}

/** Requests of a hosted server to "the client": sampling, elicitation, roots. Carries them to the client and its answers back. */
export class ServerRequests {
  readonly #options: ServerRequestsOptions;
  /** By the JSON text of the server's id. */
  readonly #pending = new Map<string, { port: Port; askId: string }>();
  /** Which client was asked to open a URL, by the elicitation's id: its completion is for that client only. */
  readonly #elicitations = new Map<string, Port>();

  constructor(options: ServerRequestsOptions) {
    this.#options = options;
  }

  /** Passes the request to the client that is meant, or answers it in the client's place. */
  route(request: RequestEnvelope, within?: SentFrame): void {
    const target = this.#targetOf(request, within);
    switch (target.to) {
      case "one of several":
        return this.#refuse(request, this.#ambiguous(request.method, target.clients));
      case "none":
        return this.#answerWithoutClient(request);
      case "client": {
        const lacking = lackingCapability(target.client.client.capabilities, request);
        if (lacking === undefined) return this.#ask(target.client, request);
        if (request.method === "elicitation/create") return this.#decline(request, target.client);
        return this.#refuse(request, this.#unsupported(lacking));
      }
    }
  }

  /** What comes in the response to a client's request is for that client, unless it names a task. */
  #targetOf({ raw, params }: RequestEnvelope, within: SentFrame | undefined): Attribution<Port> {
    const task = relatedTask(raw, params);
    const asker = task === undefined && within !== undefined ? this.#options.askerOf(within) : undefined;
    if (asker !== undefined) return { to: "client", client: asker };
    return attribute({ task }, this.#options.work());
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

  /** The client that was asked to open a URL, which is completed now. */
  completed(notification: NotificationEnvelope): Port | undefined {
    const id = elicitationIdOf(notification);
    const port = id === undefined ? undefined : this.#elicitations.get(id);
    if (id !== undefined) this.#elicitations.delete(id);
    return port;
  }

  /** The client has left. */
  forget(client: Port): void {
    for (const [id, port] of this.#elicitations) if (port === client) this.#elicitations.delete(id);
  }

  /** The server has ended: its requests are cancelled at the clients. */
  drop(): void {
    for (const { port, askId } of this.#pending.values()) {
      port.forget(askId);
      const params = { requestId: askId, reason: `The server "${this.#options.server}" has ended.` };
      port.deliver(notificationFrame("notifications/cancelled", params));
    }
    this.#pending.clear();
    this.#elicitations.clear();
  }

  #ask(port: Port, request: RequestEnvelope): void {
    const { raw, idSpan, progress } = request;
    const idText = textAt(raw, idSpan);
    const askId = `${ASK_PREFIX}${++lastAsk}`;
    const mapped = JSON.stringify(askId);
    const edits = [{ span: idSpan, text: mapped }];
    if (progress !== undefined) edits.push({ span: progress.span, text: mapped });
    const progressText = progress && textAt(raw, progress.span);
    this.#noteElicitation(port, request);
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
        if (forget()) this.#answerWithoutClient(request);
      },
    });
  }

  #noteElicitation(port: Port, request: RequestEnvelope): void {
    const id = request.method === "elicitation/create" ? elicitationIdOf(request) : undefined;
    if (id !== undefined) this.note(id, port);
  }

  /** A client gets an elicitation by URL, in a request or in the error of its own request. */
  note(id: string, port: Port): void {
    this.#elicitations.set(id, port);
    const [oldest] = this.#elicitations.keys();
    if (this.#elicitations.size > MAX_ELICITATIONS && oldest !== undefined) this.#elicitations.delete(oldest);
  }

  /** A server that was promised elicitation may treat an error as its tool's failure, so it gets an answer. */
  #decline(request: RequestEnvelope, client: Port | undefined): void {
    const { server } = this.#options;
    const why = client === undefined ? "no client is there to answer it" : "the client cannot show such questions";
    const message = messageOf(request);
    const question = message === undefined ? "a question" : `the question ${JSON.stringify(message.slice(0, 200))}`;
    this.#options.log(`declined ${question}, since ${why}`);
    client?.deliver(
      notificationFrame("notifications/message", {
        level: "warning",
        logger: "lockstep",
        data: `The server "${server}" asked ${question}. It was declined, since this client cannot show such questions.`,
      }),
    );
    this.#options.sendToServer(resultFrame(textAt(request.raw, request.idSpan), { action: "decline" }));
  }

  #answerWithoutClient(request: RequestEnvelope): void {
    if (request.method === "elicitation/create") return this.#decline(request, undefined);
    const { server } = this.#options;
    const message = `The server "${server}" sent "${request.method}" to its client, but no client is there to answer it.`;
    this.#refuse(request, { code: ERROR.clientAmbiguous, message, data: { server, clients: 0 } });
  }

  #ambiguous(method: string, clients: number): Refusal {
    const { server } = this.#options;
    const message =
      `The server "${server}" sent "${method}" to its client, but ${clients} clients use it at the moment, and the ` +
      `request does not say which one it is for. ${OWN_PROCESS}`;
    return { code: ERROR.clientAmbiguous, message, data: { server, clients } };
  }

  #unsupported(lacking: string): Refusal {
    const message = `The client whose call is open does not support ${lacking}.`;
    return { code: -32601, message: this.#options.isShared ? `${message} ${OWN_PROCESS}` : message };
  }

  #refuse({ raw, idSpan }: RequestEnvelope, refusal: Refusal): void {
    this.#options.sendToServer(errorFrame(textAt(raw, idSpan), refusal));
  }
}

const OWN_PROCESS =
  'With "lockstep": {"share": "session"} each client gets its own process, which knows what that client supports.';

/**
 * Begins the ids under which clients get the servers' requests, unlike those of the daemon's own. It differs from that of
 * an earlier daemon, whose requests a client that stays connected through a bridge may still answer.
 */
const ASK_PREFIX = `asked-${process.pid.toString(36)}${Date.now().toString(36)}-`;
let lastAsk = 0;

const MAX_ELICITATIONS = 1_000;
