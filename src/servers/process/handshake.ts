import type { Envelope, ResponseEnvelope } from "../../wire/envelope.js";
import { errorFrame } from "../../mcp/answer-frames.js";
import { textAt } from "../../mcp/span.js";
import { durationText } from "../../text/duration.js";
import type { Channel } from "../channel/channel.js";
import {
  INITIALIZE_ID,
  INITIALIZED_FRAME,
  initializeFrame,
  readServerHello,
  type ClientIntroduction,
  type ServerHello,
} from "./hello.js";

export interface HandshakeOptions {
  client: ClientIntroduction;
  onReady(hello: ServerHello): void;
  /** `reason` goes on from "could not be started:". */
  onFailed(reason: string): void;
}

/** The conversation with a server that starts, from `initialize` to `notifications/initialized`. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #channel: Channel | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  begin(channel: Channel): void {
    this.#channel = channel;
    channel.send(initializeFrame(this.#options.client));
    const reason = `did not answer "initialize" within ${durationText(START_BOUND_MS)}`;
    this.#timer = setTimeout(() => this.#options.onFailed(reason), START_BOUND_MS);
  }

  /** Takes what the server sends meanwhile. False when it is not a part of the handshake. */
  take(envelope: Envelope): boolean {
    if (envelope.kind === "response" && envelope.id === INITIALIZE_ID) {
      this.#onAnswer(envelope);
      return true;
    }
    // MCP allows a server no request but "ping" before it is initialized. A program that echoes its input sends one, too.
    if (envelope.kind !== "request" || envelope.method === "ping") return false;
    const refusal = { code: -32600, message: `"${envelope.method}" before notifications/initialized` };
    this.#channel?.send(errorFrame(textAt(envelope.raw, envelope.idSpan), refusal));
    return true;
  }

  /** Takes an answer that cannot be read; `reason` as in `onFailed`. False when it is not a part of the handshake. */
  takeBroken(id: string | number | undefined, reason: string): boolean {
    if (id !== INITIALIZE_ID && id !== undefined) return false;
    if (this.#channel !== undefined) this.#options.onFailed(reason);
    return true;
  }

  /** Ends the wait for the server's answer. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #onAnswer(answer: ResponseEnvelope): void {
    const channel = this.#channel;
    if (channel === undefined) return; // Printed before it was asked.
    const hello = readServerHello(answer);
    if ("problem" in hello) return this.#options.onFailed(hello.problem);
    channel.agree(hello.protocolVersion);
    channel.send(INITIALIZED_FRAME);
    this.#options.onReady(hello);
  }
}

/** From spawn to the answer to `initialize`, ms. The first `npx` of a package downloads it meanwhile. */
export const START_BOUND_MS = 60_000;
