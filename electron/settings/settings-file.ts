import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { DEFAULT_SETTINGS, parseSettings, type Settings } from "./settings.js";

/**
 * Reads the settings; without a file they are the defaults. `problems` names every value that can't be used. A file that
 * isn't valid JSON is renamed first, so that the next change does not overwrite what the user may want to fix.
 */
export function readSettings(file: string): { settings: Settings; problems: string[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const problems = isMissing ? [] : [`${file} can't be read: ${(error as Error).message}`];
    return { settings: DEFAULT_SETTINGS, problems };
  }
  try {
    const { settings, problems } = parseSettings(JSON.parse(text), homedir());
    return { settings, problems: problems.map((problem) => `${file}: ${problem}`) };
  } catch (error) {
    const kept = putAside(file);
    const problem = `${file} isn't valid JSON (${(error as Error).message}); ${kept}the defaults are used`;
    return { settings: DEFAULT_SETTINGS, problems: [problem] };
  }
}

/** Replaces the file in one step: after a crash there is the old one or the new one, complete. Throws on I/O errors. */
export function writeSettings(file: string, settings: Settings): void {
  const fresh = `${file}.${process.pid}.new`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    // Flushed before the rename: some file systems would otherwise write the name before the contents.
    writeFileSync(fresh, JSON.stringify(settings, undefined, 2) + "\n", { mode: 0o600, flush: true });
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function putAside(file: string): string {
  const aside = `${file}.broken`;
  try {
    renameSync(file, aside);
    return `it is kept as ${aside}, and `;
  } catch {
    return "";
  }
}
