import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** For so long a file that turned out to be a wrong one is not downloaded again, ms. */
const WRONG_FOR_MS = 24 * 60 * 60_000;

/** What tells the server's file from another one at the same address. */
export interface FileTag {
  etag: string | null;
  lastModified: string | null;
  length: string | null;
}

/** What is on disk of one file, which is known by its hash. */
export interface Part {
  readonly file: string;
  size(): Promise<number>;
  hasHash(sha512: string): Promise<boolean>;
  discard(): Promise<void>;
  /** What the server has to confirm for the part to be continued: its If-Range; empty if it gave nothing usable. */
  condition(): Promise<string>;
  keepCondition(tag: FileTag): Promise<void>;
  /** The server's file that was a wrong one, less than a day ago. */
  wrong(): Promise<FileTag | undefined>;
  /** Discards the part. */
  setWrong(tag: FileTag): Promise<void>;
}

/** The part of the file with this SHA-512 (base64). One file is downloaded at a time, so parts of any other are removed. */
export async function openPart(directory: string, sha512: string): Promise<Part> {
  const name = createHash("sha256").update(sha512).digest("hex").slice(0, 32);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const other of await readdir(directory)) {
    if (!other.startsWith(name)) await rm(join(directory, other), { recursive: true, force: true });
  }
  const file = join(directory, `${name}.part`);
  const conditionFile = join(directory, `${name}.tag`);
  const wrongFile = join(directory, `${name}.wrong`);
  const discard = async (): Promise<void> => {
    await rm(file, { force: true });
    await rm(conditionFile, { force: true });
  };
  return {
    file,
    size: () =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    hasHash: async (expected) => (await sha512Of(file)) === expected,
    discard,
    condition: () => readFile(conditionFile, "utf8").catch(() => ""),
    keepCondition: async ({ etag, lastModified }) => {
      // A weak tag does not promise the same bytes, so it can't be used for a range.
      const tag = etag === null || etag.startsWith("W/") ? lastModified : etag;
      if (tag === null) await rm(conditionFile, { force: true });
      else await writeFile(conditionFile, tag, { mode: 0o600 });
    },
    wrong: async () => readWrong(await readFile(wrongFile, "utf8").catch(() => "")),
    setWrong: async (tag) => {
      await discard();
      await writeFile(wrongFile, JSON.stringify({ ...tag, at: Date.now() }), { mode: 0o600 });
    },
  };
}

export function fileTagOf({ headers }: Response): FileTag {
  return {
    etag: headers.get("etag"),
    lastModified: headers.get("last-modified"),
    length: headers.get("content-length"),
  };
}

export function isSameFile(a: FileTag, b: FileTag): boolean {
  return a.etag === b.etag && a.lastModified === b.lastModified && a.length === b.length;
}

function readWrong(text: string): FileTag | undefined {
  try {
    const { at, etag, lastModified, length } = JSON.parse(text) as Record<string, unknown>;
    const isRecent = typeof at === "number" && Math.abs(Date.now() - at) < WRONG_FOR_MS;
    return isRecent ? { etag: textOf(etag), lastModified: textOf(lastModified), length: textOf(length) } : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

async function sha512Of(file: string): Promise<string> {
  const hash = createHash("sha512");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("base64");
}
