import { basename } from "node:path";

/** A file of the feed; its url is relative to the feed's, or absolute. */
export interface FeedFile {
  url: string;
  sha512: string;
  size?: number | undefined;
}

/** The files of the feed that this machine can install; electron-updater takes any, if there is none for it. */
export function filesForMachine(
  files: readonly FeedFile[],
  platform: NodeJS.Platform,
  arch: NodeJS.Architecture,
): FeedFile[] {
  const extension = platform === "darwin" ? ".zip" : ".appimage";
  return files.filter(({ url }) => {
    const name = basename(url).toLowerCase();
    if (!name.endsWith(extension)) return false;
    const built = Object.entries(NAMES).find(([, pattern]) => pattern.test(name))?.[0];
    // Rosetta runs them on Apple silicon.
    return built === undefined || built === arch || (platform === "darwin" && built === "x64" && arch === "arm64");
  });
}

/** How packages call the architectures that Node names so; a name without one is for every machine. */
const NAMES: Partial<Record<NodeJS.Architecture, RegExp>> = {
  arm64: /arm64|aarch64/,
  arm: /armv7l|armhf|arm32/,
  x64: /x86_64|x64|amd64/,
  ia32: /ia32|i386|i686/,
};
