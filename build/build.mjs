// Builds dist/. `--types` adds the library's declarations, `--release` uses package.json's version instead of git's,
// `--watch` rebuilds when a source changes.
import { setUpOrExit } from "./setup/setup.mjs";

await setUpOrExit("check");
const { buildAndReport, watchSources } = await import("./bundle/build.mjs");
const flags = new Set(process.argv.slice(2));
const options = {
  release: flags.has("--release") || process.env["LOCKSTEP_RELEASE"] === "1",
  types: flags.has("--types"),
};
if (flags.has("--watch")) await watchSources(options);
else if (!(await buildAndReport(options))) process.exitCode = 1;
