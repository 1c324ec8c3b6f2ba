import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect } from "vitest";

import { it } from "../../fixtures/it/with-directory.js";
import { canPreload, withoutExchange } from "../../fixtures/preloaded.js";

/** Exchanges `fresh` and `target` in `directory`, in a process of its own. */
function exchange(directory: string, env: NodeJS.ProcessEnv): void {
  // koffi is found from here.
  const program = resolve(".cache", "exchange-directories.cjs");
  buildSync({
    stdin: {
      contents: `
        import { exchangeDirectories } from "./install/exchange-directories.js";
        const [directory] = process.argv.slice(2);
        exchangeDirectories(directory + "/fresh", directory + "/target");
      `,
      resolveDir: resolve("src"),
      loader: "ts",
    },
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["koffi"],
  });
  execFileSync(process.execPath, [program, directory], { env: { ...process.env, ...env }, stdio: "pipe" });
}

function fill(directory: string, name: string): void {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, "version"), name);
}

describe.skipIf(!canPreload)("a file system that cannot exchange names", () => {
  it.for([
    ["one that can exchange names", false],
    ["one that cannot", true],
  ] as const)(
    "two directories are exchanged on %s, and nothing is left beside them",
    ([, isRefused], { directory }) => {
      fill(directory, "fresh");
      fill(directory, "target");
      // A crash between two renames leaves this.
      fill(directory, "fresh.old");
      const env = isRefused ? { LD_PRELOAD: withoutExchange(directory) } : {};
      exchange(directory, env);
      const version = (name: string): string => readFileSync(join(directory, name, "version"), "utf8");
      expect([version("fresh"), version("target")]).toEqual(["target", "fresh"]);
      expect(readdirSync(directory).includes("fresh.old")).toBe(!isRefused);
    },
  );
});
