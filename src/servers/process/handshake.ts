import type { Envelope, ResponseEnvelope } from "../../wire/envelope.js";
import { errorFrame } from "../../mcp/answer-frames.js";
import { textAt } from "../../mcp/span.js";
import { exactDurationText } from "../../text/duration.js";
import type { Channel } from "../channel/channel.js";
import { MAX_TIMER_MS } from "./idle-timer.js";
import {
  DISCOVER_ID,
  discoverFrame,
  INITIALIZE_ID,
  INITIALIZED_FRAME,
  initializeFrame,
  mayBeStateless,
  otherVersion,
  readServerHello,
  type ClientIntroduction,
  type ServerHello,
} from "./hello.js";

export interface HandshakeOptions {
  client: ClientIntroduction;
  /** From spawn to the answer, ms; Infinity: unbounded. */
  boundMs: number;
  onReady(hello: ServerHello): void;
  /** The server knows no `initialize`, and takes requests without it. */
  onStateless(): void;
  /** `reason` goes on from "could not be started:". */
  onFailed(reason: string): void;
}

/** The conversation with a server that starts, from `initialize` to `notifications/initialized`. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #channel: Channel | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The version that was asked for last, and the id of that request: ids are not used twice. */
  #version: string;
  #id = INITIALIZE_ID;
  #retries = 0;
  /** How the server refused `initialize`, while it is asked whether it can do without. */
  #refusal: string | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#version = options.client.protocolVersion;
  }

  /** `sinceMs`: how long the start has taken until now. */
  begin(channel: Channel, sinceMs: number): void {
    const { boundMs, client } = this.#options;
    this.#channel = channel;
    channel.send(initializeFrame(this.#id, client));
    const reason =
      `did not answer "initialize" within ${exactDurationText(boundMs)}. ` +
      `That limit is "lockstep": {"startTimeout": …} in servers.json`;
    const leftMs = Math.min(Math.max(0, boundMs - sinceMs), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#options.onFailed(reason), leftMs);
  }

  /** Takes what the server sends meanwhile. False when it is not a part of the handshake. */
  take(envelope: Envelope): boolean {
    if (envelope.kind === "response" && envelope.id === this.#id) {
      this.#onAnswer(envelope);
      return true;
    }
    if (envelope.kind === "response" && envelope.id === DISCOVER_ID && this.#refusal !== undefined) {
      if (envelope.error === undefined) this.#options.onStateless();
      else this.#options.onFailed(this.#refusal);
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
    if (id !== this.#id && id !== undefined) return false;
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
    const version = answer.error === undefined ? undefined : otherVersion(answer, this.#version);
    if (version !== undefined) return this.#askAgain(channel, version);
    if ("problem" in hello) {
      if (!mayBeStateless(answer)) return this.#options.onFailed(hello.problem);
      this.#refusal = hello.problem;
      channel.send(discoverFrame(this.#options.client));
      return;
    }
    channel.agree(hello.protocolVersion);
    channel.send(INITIALIZED_FRAME);
    this.#options.onReady(hello);
  }

  /** Some servers refuse a version that they do not know, instead of offering their own. */
  #askAgain(channel: Channel, protocolVersion: string): void {
    this.#version = protocolVersion;
    this.#id = `${INITIALIZE_ID}-${++this.#retries}`;
    channel.send(initializeFrame(this.#id, { ...this.#options.client, protocolVersion }));
  }
}
