/** Variables that the AppImage runtime sets about itself. ARGV0 would even rename the programs that a zsh starts. */
const OF_THE_RUNTIME = new Set(["APPIMAGE", "APPDIR", "ARGV0", "OWD"]);

/**
 * `env` without what an AppImage adds: the variables of its runtime, and every entry of a list of paths (PATH,
 * LD_LIBRARY_PATH, XDG_DATA_DIRS …) inside its mount, which goes away with the app while a daemon stays. A list without
 * any other entry is removed, since an empty one would mean the working directory.
 */
export function withoutAppImage(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const mount = env["APPDIR"]?.replace(/\/+$/, "");
  const kept: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(env)) {
    if (OF_THE_RUNTIME.has(name) || value === undefined) continue;
    const outside = mount ? withoutEntriesIn(mount, value) : value;
    if (outside !== undefined) kept[name] = outside;
  }
  return kept;
}

function withoutEntriesIn(mount: string, value: string): string | undefined {
  const entries = value.split(":");
  const isInside = (entry: string): boolean => entry === mount || entry.startsWith(`${mount}/`);
  if (!entries.some(isInside)) return value;
  const left = entries.filter((entry) => entry !== "" && !isInside(entry));
  return left.length > 0 ? left.join(":") : undefined;
}
