import { spawn } from "node:child_process";

/**
 * Bundles a program of the tests, `source` within `root`, and runs it without what would distort its measurements.
 * Resolves with its exit code.
 *
 * @param {string} root
 * @param {string} source
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function runBundled(root, source, args) {
  const { build } = await import("esbuild");
  // As deep in the tree as its source, so that what stays outside is found by the same relative path.
  const outfile = `${root}/.cache/${source.replace(/^test\//, "").replace(/\.ts$/, ".mjs")}`;
  await build({
    entryPoints: [`${root}/${source}`],
    outfile,
    bundle: true,
    packages: "external",
    // It finds Electron from its own place.
    external: ["../../build/electron/electron-dist.mjs"],
    platform: "node",
    format: "esm",
    target: "node20.18",
  });
  // Reading extra certificates takes each Node process 45 ms, which is longer than most measured steps.
  const { NODE_EXTRA_CA_CERTS: certificates, ...env } = process.env;
  if (certificates !== undefined) console.log("NODE_EXTRA_CA_CERTS is unset for the measurements.");
  const child = spawn(process.execPath, [outfile, ...args], { cwd: root, env, stdio: "inherit" });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
