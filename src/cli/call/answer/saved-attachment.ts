import { closeSync, openSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fileErrorText } from "../../../state/file-error.js";

/**
 * Writes a tool's binary output to a new file, `lockstep-<tool>-<n>.<ext>` in the temporary directory, readable only by
 * its owner, and returns its path. Throws an Error that names the directory.
 */
export function saveAttachment(tool: string, base64: string, mimeType: string | undefined): string {
  const stem = `lockstep-${tool.replace(/[^\w.-]+/g, "_").slice(0, 80)}`;
  for (let n = 1; n <= MOST_FILES; n++) {
    const path = join(tmpdir(), `${stem}-${n}${extensionOf(mimeType)}`);
    let fd: number;
    try {
      // Exclusive, since /tmp is writable for all users: no link is followed and no file overwritten.
      fd = openSync(path, "wx", 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw new Error(`cannot write ${path}: ${fileErrorText(error)}`, { cause: error });
    }
    try {
      writeFileSync(fd, Buffer.from(base64, "base64"));
    } finally {
      closeSync(fd);
    }
    return path;
  }
  throw new Error(`${tmpdir()} holds ${MOST_FILES} files ${stem}-…: remove them`);
}

const MOST_FILES = 10_000;

/** `.png` for `image/png`; for other types the subtype, if it can be an extension, else `.bin`. */
export function extensionOf(mimeType: string | undefined): string {
  const [type = ""] = (mimeType ?? "").toLowerCase().split(";");
  const known = EXTENSIONS[type.trim()];
  if (known !== undefined) return known;
  const subtype = /^[a-z]+\/(?:x-)?([a-z0-9]{1,8})$/.exec(type.trim())?.[1];
  return subtype === undefined ? ".bin" : `.${subtype}`;
}

const EXTENSIONS: Record<string, string> = {
  "image/jpeg": ".jpg",
  "image/svg+xml": ".svg",
  "audio/mpeg": ".mp3",
  "audio/x-wav": ".wav",
  "text/plain": ".txt",
  "text/markdown": ".md",
  "application/gzip": ".gz",
};
