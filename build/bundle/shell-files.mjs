// The man page and the completion files, generated from the CLI's table of commands.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { importSource } from "./import-source.mjs";
import { sourceDate } from "./version.mjs";

/** The file names that the shells look for. */
const COMPLETION_FILES = { bash: "lockstep.bash", zsh: "_lockstep", fish: "lockstep.fish" };

/**
 * Writes `man/lockstep.1` and `completions/` into `outdir`.
 * @param {string} root
 * @param {string} outdir
 * @param {string} version named on the man page
 */
export async function writeShellFiles(root, outdir, version) {
  const [{ manPage }, { COMPLETIONS }] =
    /**
     * @type {[typeof import("../../src/cli/man-page.js"), typeof import("../../src/cli/completion.js")]}
     */ (
      await Promise.all([
        importSource(join(root, "src/cli/man-page.ts")),
        importSource(join(root, "src/cli/completion.ts")),
      ])
    );
  write(join(outdir, "man/lockstep.1"), manPage({ version, date: sourceDate(root) }));
  for (const [shell, file] of Object.entries(COMPLETION_FILES)) {
    const script = COMPLETIONS[shell];
    if (script === undefined) throw new Error(`src/cli/completion.ts has no completion for ${shell}`);
    write(join(outdir, "completions", file), `${script()}\n`);
  }
}

/** @param {string} file @param {string} text */
function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
