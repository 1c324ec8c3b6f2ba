/** What the system's user database says of the user; undefined for one without an entry, as in many containers. */
export function userEntry(): { username: string; homedir: string; shell: string | null } | undefined {
  try {
    return process.getBuiltinModule("node:os").userInfo({ encoding: "utf8" });
  } catch {
    return undefined;
  }
}

/** $HOME, as in a shell; if it is unset, the directory in the user database; a directory that can't exist without both. */
export function homeOfUser(env: NodeJS.ProcessEnv): string {
  return env["HOME"] || userEntry()?.homedir || "/nonexistent";
}
