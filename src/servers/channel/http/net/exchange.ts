import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

import type { Endpoint } from "./endpoint.js";
import type { Network } from "./network.js";

export interface Question {
  method: "POST" | "GET" | "DELETE";
  /** In addition to the endpoint's. */
  headers: Record<string, string>;
  /** Asked for again after a redirect; undefined: it is no longer there. */
  body?: () => Buffer | undefined;
  signal: AbortSignal;
  /** There is a connection, and from now on the server may get the request. */
  onLeaving?: () => void;
  /** The kernel has taken the whole body. */
  onSent?: () => void;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Decompressed. */
  body: Readable;
}

/**
 * One HTTP request to `endpoint`, or to `url` at the same server, and the head of its response. Follows redirects, with
 * the same method and body. Rejects with NotConnected when nothing was sent.
 */
export async function exchange(network: Network, endpoint: Endpoint, question: Question, url?: URL): Promise<Answer> {
  for (let redirects = 0; ; redirects++) {
    const response = await ask(network, endpoint, question, url);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (!REDIRECTS.has(status) || location === undefined || url !== undefined) {
      return { status, headers: response.headers, body: decompressed(response) };
    }
    response.resume();
    if (redirects >= MAX_REDIRECTS) throw new Redirected(`redirected more than ${MAX_REDIRECTS} times`);
    try {
      endpoint.move(location);
    } catch (error) {
      throw new Redirected((error as Error).message);
    }
    if (question.body !== undefined && question.body() === undefined) {
      throw new Redirected(`redirected a large request to ${endpoint.origin}, where the next ones are sent`);
    }
  }
}

/** A redirect that could not be followed. The server has not accepted the request. */
export class Redirected extends Error {}

export function isEventStream({ headers }: Answer): boolean {
  return mediaTypeOf(headers) === "text/event-stream";
}

export function mediaTypeOf(headers: IncomingHttpHeaders): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

/** The text of a body up to 64 KiB and 5 s; what follows is not read. */
export async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const tooLate = setTimeout(() => body.destroy(), TEXT_MS).unref();
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > TEXT_BYTES) break;
    }
  } catch {
    // What came so far has to do.
  }
  clearTimeout(tooLate);
  return Buffer.concat(chunks).toString("utf8", 0, TEXT_BYTES);
}

function ask(network: Network, endpoint: Endpoint, question: Question, url = endpoint.url): Promise<IncomingMessage> {
  const { method, headers, signal, onLeaving, onSent } = question;
  return new Promise((resolve, reject) => {
    const body = question.body?.();
    const length = body === undefined ? {} : { "content-length": body.length };
    const encoding = { "accept-encoding": "gzip, deflate, br" };
    const sending = network.request(url, {
      method,
      signal,
      headers: { ...endpoint.headers, ...encoding, ...headers, ...length },
    });
    sending.once("socket", () => onLeaving?.());
    sending.once("finish", () => onSent?.());
    sending.once("response", resolve);
    sending.on("error", reject);
    sending.end(body);
  });
}

function decompressed(response: IncomingMessage): Readable {
  const decoder = decoderFor(response.headers["content-encoding"] ?? "");
  return decoder === undefined ? response : pipeline(response, decoder, () => undefined);
}

function decoderFor(encoding: string): ReturnType<typeof createGunzip> | undefined {
  switch (encoding.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    case "deflate":
      return createInflate({ finishFlush: constants.Z_SYNC_FLUSH });
    case "br":
      return createBrotliDecompress();
    default:
      return undefined; // None, or one that was not offered; its bytes are no JSON then.
  }
}

/** 303 means that the answer is a document elsewhere, which is nothing that MCP knows. */
const REDIRECTS = new Set([301, 302, 307, 308]);
const MAX_REDIRECTS = 5;
const TEXT_BYTES = 64 * 1024;
const TEXT_MS = 5_000;
