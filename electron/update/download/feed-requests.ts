import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ask, chunksOf, statusError, type Fetch } from "./answer.js";
import { watchPace } from "./pace.js";
import { downloadResumably } from "./resumable-download.js";
import { requireRoom } from "./room.js";

/** More than any feed contains, bytes; a wrong address may answer with anything. */
const LARGEST_FEED = 1 << 20;

/** What electron-updater requests the feed with. */
interface RequestParts {
  protocol?: string | null;
  hostname?: string | null;
  port?: string | number | null;
  path?: string | null;
  headers?: object | null;
}

/**
 * Takes the place of electron-updater's own executor, which downloads the whole file each time, follows redirects without
 * end and waits for a silent server for ever.
 */
export class FeedRequests {
  /** Receives the progress of the download under way, in bytes. */
  onProgress: (received: number, total: number | undefined) => void = () => undefined;
  readonly #fetch: Fetch;
  readonly #installDirectory: string | undefined;
  readonly #sizes = new Map<string, number>();

  /** `installDirectory`: where the new file lies beside the old one for a moment. */
  constructor(fetch: Fetch, installDirectory: string | undefined) {
    this.#fetch = fetch;
    this.#installDirectory = installDirectory;
  }

  /** Remembers the sizes that the feed announces, by hash; electron-updater does not pass them on. */
  announce(files: readonly { sha512: string; size?: number | undefined }[]): void {
    this.#sizes.clear();
    for (const { sha512, size } of files) if (size !== undefined) this.#sizes.set(sha512, size);
  }

  /** The text of the feed. */
  async request(parts: RequestParts): Promise<string> {
    const pace = watchPace();
    try {
      const response = await ask(this.#fetch, urlOf(parts), textHeaders(parts.headers), pace);
      if (response.status !== 200) {
        await response.body?.cancel();
        throw statusError(response);
      }
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of chunksOf(response, pace)) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > LARGEST_FEED) throw new Error("the feed is too large");
      }
      return Buffer.concat(chunks).toString("utf8");
    } finally {
      pace.stop();
    }
  }

  async download(
    url: URL,
    destination: string,
    { headers, sha512 }: { headers?: object | null; sha512?: string | null },
  ): Promise<string> {
    if (!sha512) throw new Error("the feed has no SHA-512 of its file");
    const installDirectory = this.#installDirectory;
    const file = await downloadResumably({
      url: url.href,
      headers: textHeaders(headers),
      sha512,
      size: this.#sizes.get(sha512),
      // Beside the directory that electron-updater empties after a failure.
      directory: join(dirname(dirname(destination)), "partial"),
      fetch: this.#fetch,
      onSize: async (bytes) => {
        if (installDirectory !== undefined) await requireRoom(installDirectory, bytes);
      },
      onProgress: (received, total) => this.onProgress(received, total),
    });
    await rename(file, destination);
    return destination;
  }
}

function urlOf({ protocol, hostname, port, path }: RequestParts): string {
  const url = new URL(`${protocol ?? "https:"}//${hostname ?? ""}`);
  if (port) url.port = String(port);
  return new URL(path ?? "/", url).href;
}

function textHeaders(headers: object | null | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}
