// The library's TypeScript declarations.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes `index.d.ts` and `types/` into `outdir`.
 * @param {string} root
 * @param {string} outdir
 */
export async function emitTypes(root, outdir) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", join(root, "build/bundle/tsconfig.types.json"), "--outDir", join(outdir, "types")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", 2, 2] });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  if (code !== 0) throw new Error(`tsc could not write the declarations of src/index.ts (exit ${String(code)})`);
  writeFileSync(join(outdir, "index.d.ts"), 'export * from "./types/index.js";\n');
}
