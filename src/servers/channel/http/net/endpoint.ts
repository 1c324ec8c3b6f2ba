import { basicAuthorization } from "./proxy.js";

/** The address of a remote server: where its requests go at the moment, and with which of the configured headers. */
export class Endpoint {
  readonly #configured: URL;
  readonly #headers: Record<string, string>;
  #url: URL;

  /** A user and password in `url` become an `Authorization` header, unless `headers` has one. */
  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#configured = new URL(url);
    this.#headers = { "user-agent": "lockstep" };
    for (const [name, value] of Object.entries(headers)) this.#headers[name.toLowerCase()] = value;
    const authorization = basicAuthorization(this.#configured);
    if (authorization !== undefined) this.#headers["authorization"] ??= authorization;
    for (const name of OURS) delete this.#headers[name];
    this.#url = withoutUser(this.#configured);
  }

  get url(): URL {
    return this.#url;
  }

  /** For messages: without path and query, which may contain keys. */
  get origin(): string {
    return this.#url.origin;
  }

  /** The configured headers, which only the configured server gets, and no other one that it redirects to. */
  get headers(): Record<string, string> {
    return isSameServer(this.#configured, this.#url) ? this.#headers : { "user-agent": "lockstep" };
  }

  /** The server said that its address is `location`, relative to the present one. Throws an Error if it cannot be used. */
  move(location: string): void {
    this.#url = this.resolve(location);
  }

  /** An address that the server named. Throws an Error if it cannot be used. */
  resolve(location: string): URL {
    if (!URL.canParse(location, this.#url.href)) throw new Error("named an address that is no URL");
    const url = withoutUser(new URL(location, this.#url));
    if (!/^https?:$/.test(url.protocol)) throw new Error(`named an address with ${url.protocol}`);
    if (url.protocol === "https:" || this.#url.protocol === "http:") return url;
    // Behind a proxy that adds TLS, servers do not know that they are reached by https.
    if (url.hostname !== this.#url.hostname) throw new Error(`redirected to ${url.origin}, which is not encrypted`);
    return new URL(`https://${this.#url.host}${url.pathname}${url.search}`);
  }
}

/** The same origin, or its encrypted form. */
export function isSameServer(a: URL, b: URL): boolean {
  if (a.origin === b.origin) return true;
  return (
    a.protocol === "http:" && b.protocol === "https:" && a.hostname === b.hostname && a.port === "" && b.port === ""
  );
}

function withoutUser(url: URL): URL {
  const plain = new URL(url.href);
  plain.username = "";
  plain.password = "";
  plain.hash = "";
  return plain;
}

/** The transport sets these itself. */
const OURS = [
  "accept",
  "accept-encoding",
  "connection",
  "content-length",
  "content-type",
  "host",
  "last-event-id",
  "mcp-protocol-version",
  "mcp-session-id",
  "transfer-encoding",
];
