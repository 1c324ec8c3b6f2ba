import { Agent, request, type ClientRequest, type RequestOptions } from "node:http";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";

import { trustOf, type Trust } from "./certificates.js";
import { basicAuthorization, proxyFor, type Environment } from "./proxy.js";

/** Before the connection was established: nothing of the request has been sent. */
export class NotConnected extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "NotConnected";
  }

  /** A network that is down, or a server that restarts: the next attempt may succeed. A wrong certificate does not pass. */
  get mayPass(): boolean {
    const { code } = (this.cause ?? {}) as { code?: unknown };
    return typeof code === "string" && /^E(?!RR_)[A-Z]+(_AGAIN)?$/.test(code);
  }
}

/**
 * HTTP connections to remote servers, through the proxy and with the certificate authorities of the login environment.
 * Node's `fetch` is not used: it gives up after 300 s without a byte, and does not say whether a request was sent.
 */
export class Network {
  readonly #env: Environment;
  readonly #onProblem: (problem: string) => void;
  readonly #agents = new Map<string, Agent>();
  #trust: Promise<Trust> | undefined;

  constructor(env: Environment, onProblem: (problem: string) => void) {
    this.#env = env;
    this.#onProblem = onProblem;
  }

  /** Begins a request. It has a socket only when that is connected; before that it fails with NotConnected. */
  request(url: URL, options: Pick<RequestOptions, "method" | "signal" | "headers">): ClientRequest {
    try {
      return this.#begin(url, options);
    } catch (error) {
      throw new NotConnected((error as Error).message, error); // A header with a line end in it, for example.
    }
  }

  /** Ends all connections. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #begin(url: URL, { headers, ...options }: Pick<RequestOptions, "method" | "signal" | "headers">): ClientRequest {
    const proxy = proxyFor(url, this.#env);
    const isForwarded = proxy !== undefined && url.protocol === "http:";
    const authorization = isForwarded ? basicAuthorization(proxy) : undefined;
    return request({
      ...options,
      agent: this.#agentFor(url, proxy),
      host: url.hostname,
      path: isForwarded ? url.origin + url.pathname + url.search : url.pathname + url.search,
      setHost: false,
      headers: {
        host: url.host,
        ...(authorization === undefined ? {} : { "proxy-authorization": authorization }),
        ...headers,
      },
    });
  }

  #agentFor(url: URL, proxy: URL | undefined): Agent {
    const key = `${url.origin} ${proxy?.href}`;
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      agent = new ConnectedAgent((isOver) => this.#connect(url, proxy, isOver));
      this.#agents.set(key, agent);
    }
    return agent;
  }

  async #connect(url: URL, proxy: URL | undefined, isOver: AbortSignal): Promise<Socket> {
    const via = proxy === undefined ? "" : `through the proxy ${proxy.host}: `;
    try {
      if (proxy === undefined) return await this.#open(url, isOver, undefined);
      const toProxy = await this.#open(proxy, isOver, undefined);
      if (url.protocol === "http:") return toProxy;
      return await this.#open(url, isOver, await tunnel(toProxy, url, proxy, isOver));
    } catch (error) {
      throw new NotConnected(`${via}${isOver.aborted ? TOO_SLOW : describe(error)}`, error);
    }
  }

  /** Connects to a host, with TLS if its URL says so; `through`: on this connection. */
  async #open(url: URL, isOver: AbortSignal, through: Socket | undefined): Promise<Socket> {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
    if (url.protocol === "http:") return connected(connectTcp({ host, port, ...KEPT_ALIVE }), "connect", isOver);
    this.#trust ??= trustOf(this.#env).then((trust) => {
      for (const problem of trust.problems) this.#onProblem(problem);
      return trust;
    });
    const { context, rejectUnauthorized } = await this.#trust;
    const socket = connectTls({
      ...(through === undefined ? { port, ...KEPT_ALIVE } : { socket: through }),
      host,
      servername: isIP(host) === 0 ? host : "",
      secureContext: context,
      rejectUnauthorized,
      ALPNProtocols: ["http/1.1"],
    });
    return connected(socket, "secureConnect", isOver);
  }
}

/** Gives requests sockets that are connected, so that a request without one has certainly not been sent. */
class ConnectedAgent extends Agent {
  readonly #connect: (isOver: AbortSignal) => Promise<Socket>;

  constructor(connect: (isOver: AbortSignal) => Promise<Socket>) {
    super({ keepAlive: true });
    this.#connect = connect;
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | undefined {
    this.#connect(AbortSignal.timeout(CONNECT_MS)).then(
      (socket) => callback?.(null, socket),
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }

  /** Servers close idle connections, some after 5 s, and a request that meets that would be lost. */
  override keepSocketAlive(socket: Duplex): boolean {
    // Node's types have no result, but it is false when the announced time is over already.
    const kept = super.keepSocketAlive(socket) as unknown as boolean;
    const announced = (socket as Socket).timeout ?? 0;
    (socket as Socket).setTimeout(announced > 2_000 ? Math.min(announced - 1_000, MAX_IDLE_MS) : IDLE_MS);
    return kept;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    (socket as Socket).setTimeout(0);
    super.reuseSocket(socket, request);
  }
}

async function connected<T extends Socket | TLSSocket>(socket: T, event: string, isOver: AbortSignal): Promise<T> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => void socket.destroy(new Error(TOO_SLOW));
    isOver.addEventListener("abort", onAbort);
    const settle = (error?: Error): void => {
      isOver.removeEventListener("abort", onAbort);
      socket.removeListener("close", onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onClose = (): void => settle(new Error("the connection was closed"));
    socket.once(event, () => settle());
    socket.once("error", settle);
    socket.once("close", onClose);
  });
  return socket;
}

/** Asks a proxy for a connection to `url`'s host. */
async function tunnel(toProxy: Socket, url: URL, proxy: URL, isOver: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port || "443"}`;
  const authorization = basicAuthorization(proxy);
  const ask = request({
    createConnection: () => toProxy,
    method: "CONNECT",
    path: target,
    setHost: false,
    headers: { host: target, ...(authorization === undefined ? {} : { "proxy-authorization": authorization }) },
    signal: isOver,
  });
  return new Promise((resolve, reject) => {
    ask.once("error", reject);
    ask.once("connect", ({ statusCode }, socket) => {
      if (statusCode !== undefined && statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      reject(new Error(`it refused the connection with HTTP ${statusCode}`));
    });
    ask.end();
  });
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

/** The system notices a peer that disappeared without a word. */
const KEPT_ALIVE = { keepAlive: true, keepAliveInitialDelay: 30_000, noDelay: true };

const CONNECT_MS = 15_000;
const TOO_SLOW = "no connection within 15 s";

/** How long an unused connection is kept: what the server announced, less a second; without an announcement IDLE_MS. */
const IDLE_MS = 4_000;
const MAX_IDLE_MS = 60_000;
