// `npm run bench`: bundles test/bench/main.ts and runs it without what would distort the measurements.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setUpOrExit } from "./setup/setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
/** As deep in the tree as its source, so that what stays outside is found by the same relative path. */
const BUNDLE = `${ROOT}/.cache/bench/main.mjs`;

await setUpOrExit("test");
const { build } = await import("esbuild");
await build({
  entryPoints: [`${ROOT}/test/bench/main.ts`],
  outfile: BUNDLE,
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
const child = spawn(process.execPath, [BUNDLE, ...process.argv.slice(2)], { cwd: ROOT, env, stdio: "inherit" });
child.once("exit", (code) => (process.exitCode = code ?? 1));
