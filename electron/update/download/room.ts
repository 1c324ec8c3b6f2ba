import { statfs } from "node:fs/promises";
import { NoRoomError } from "../update-problem.js";

/** What a file system needs besides the file itself, bytes. */
const ROOM_TO_SPARE = 1 << 20;

/** Throws NoRoomError unless `needed` bytes more fit. Other programs may fill the disk later all the same. */
export async function requireRoom(directory: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const missing = needed + ROOM_TO_SPARE - bavail * bsize;
  if (missing > 0) throw new NoRoomError(directory, missing);
}
