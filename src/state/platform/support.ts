/** The longest path a Unix socket can have, in bytes without the terminating NUL. */
export const MAX_SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** Throws on platforms that Lockstep cannot run on. */
export function requireSupportedPlatform(platform: NodeJS.Platform = process.platform): void {
  if (platform === "linux" || platform === "darwin") return;
  throw new Error(
    `${platform} is not supported yet: Lockstep needs flock(2) and Unix sockets; it runs on Linux and macOS`,
  );
}
