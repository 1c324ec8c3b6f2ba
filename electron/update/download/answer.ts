import { BrokenOffError, HttpStatusError } from "../update-problem.js";
import type { Pace } from "./pace.js";

/** A fetch of Electron's or Node's. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Requests, and waits no longer for the head of the answer than the pace allows. */
export async function ask(fetch: Fetch, url: string, headers: Record<string, string>, pace: Pace): Promise<Response> {
  try {
    // Without this header a server may compress the file, and ranges would then count compressed bytes.
    return await fetch(url, { headers: { ...headers, "accept-encoding": "identity" }, signal: pace.signal });
  } catch (error) {
    throw pace.signal.aborted ? pace.signal.reason : error;
  }
}

/** The chunks of the body. Throws a BrokenOffError when the connection is lost, or the pace's error. */
export async function* chunksOf(response: Response, pace: Pace): AsyncGenerator<Uint8Array> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (!reader) return;
  const tooSlow = new Promise<never>((_, reject) => {
    pace.signal.addEventListener("abort", () => reject(pace.signal.reason as Error), { once: true });
  });
  tooSlow.catch(() => undefined);
  try {
    for (;;) {
      // An aborted body may end, fail or do neither.
      const next = await Promise.race([reader.read(), tooSlow]);
      if (next.done) return;
      pace.heard(next.value.length);
      yield next.value;
    }
  } catch (error) {
    throw pace.signal.aborted ? pace.signal.reason : new BrokenOffError("the body broke off", { cause: error });
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** The length of the file that the answer carries; undefined if the server does not say, or has compressed it. */
export function lengthOf({ headers }: Response): number | undefined {
  const encoding = headers.get("content-encoding") ?? "identity";
  const length = headers.get("content-length");
  return encoding === "identity" && length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

export function statusError(response: Response): HttpStatusError {
  return new HttpStatusError(response.status, retryAfterOf(response.headers.get("retry-after")));
}

/** From now, ms; the header is a number of seconds, or a date. */
export function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return ms > 0 ? ms : undefined;
}
