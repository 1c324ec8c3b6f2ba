import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DEFAULT_SETTINGS, parseSettings, type Settings } from "./settings.js";

/**
 * Reads the settings; a file that is missing gives the defaults. What cannot be used is named in `problems`, and a file
 * that is no JSON is put aside first, so that the next change does not write over what the user may want to mend.
 */
export function readSettings(file: string): { settings: Settings; problems: string[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const problems = isMissing ? [] : [`${file} cannot be read: ${(error as Error).message}`];
    return { settings: DEFAULT_SETTINGS, problems };
  }
  try {
    const { settings, problems } = parseSettings(JSON.parse(text));
    return { settings, problems: problems.map((problem) => `${file}: ${problem}`) };
  } catch (error) {
    const kept = putAside(file);
    const problem = `${file} is no JSON (${(error as Error).message}); ${kept}the defaults are used`;
    return { settings: DEFAULT_SETTINGS, problems: [problem] };
  }
}

/** Under its final name there is the old file or the new one, whole, whenever the app or the machine dies. Throws. */
export function writeSettings(file: string, settings: Settings): void {
  const fresh = `${file}.${process.pid}.new`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    // Flushed before it gets the name: some file systems keep the order of nothing else.
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
