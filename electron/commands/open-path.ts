import { existsSync } from "node:fs";
import { shell } from "electron";

/** Opens a file or a directory with the desktop's program for it. Rejects with an Error for the user. */
export async function openPath(path: string): Promise<void> {
  if (!existsSync(path)) throw new Error(`${path} does not exist yet.`);
  // It resolves with the text of an error instead of rejecting.
  const error = await shell.openPath(path);
  if (error !== "") throw new Error(`${path} could not be opened: ${error}`);
}
