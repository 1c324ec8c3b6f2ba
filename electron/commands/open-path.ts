import { existsSync } from "node:fs";
import { shell } from "electron";
import { startDetached } from "../../src/install/start-detached.js";

/** A program that still runs then has opened the file itself, ms. */
const REFUSED_WITHIN_MS = 5_000;

/** Opens a file or a folder in the desktop's own program for it. Rejects if there is none, or it fails at once. */
export async function openPath(path: string): Promise<void> {
  if (!existsSync(path)) throw new Error(`${path} does not exist yet.`);
  const error = process.platform === "linux" ? await xdgOpen(path) : await shell.openPath(path);
  if (error !== "") throw new Error(`${path} could not be opened: ${error}`);
}

/** On Linux Electron reports success whatever happens. Resolves with the text of an error, or with an empty one. */
async function xdgOpen(path: string): Promise<string> {
  let child: Awaited<ReturnType<typeof startDetached>>;
  try {
    child = await startDetached("xdg-open", [path]);
  } catch (error) {
    return `${(error as Error).message}; it comes with the package xdg-utils`;
  }
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(""), REFUSED_WITHIN_MS);
    child.once("exit", (code) => {
      clearTimeout(late);
      resolve(code === 0 ? "" : (MEANING[code ?? 0] ?? `xdg-open ended with exit ${code}`));
    });
  });
}

/** From xdg-open(1). */
const MEANING: Record<number, string> = {
  2: "it does not exist",
  3: "the desktop has no program for it",
  4: "the desktop’s program for it failed",
};
