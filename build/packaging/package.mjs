// Makes packages of dist/. Needs npm's packages, which `build/package.mjs` installs first.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { electronToPackage, putElectronInPlace } from "../electron/electron-dist.mjs";
import { layOut } from "./app-directory.mjs";
import { layOutDeb } from "./deb-files.mjs";
import { electronBuilderConfig } from "./electron-builder-config.mjs";
import { macSigning, macSigningInWords } from "./mac.mjs";
import { partsOf, writeMadeOf } from "./made-of.mjs";
import { megabytes, packNpm } from "./npm-package.mjs";
import { standInTools } from "./stand-in-tools.mjs";
import { runQuietly, seconds } from "../setup/run.mjs";
import { sourceVersion } from "../bundle/version.mjs";

/** @typedef {import("./electron-builder-config.mjs").AppTarget} AppTarget */

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const TARGETS = { linux: ["npm", "appimage", "deb", "tar.gz", "dir"], darwin: ["npm", "dmg", "zip", "dir"] };
const ARTIFACT = /\.(AppImage|deb|tar\.gz|dmg|zip)$/;

/**
 * `npm run package`, with its arguments from the command line. Exits with 2 when they are wrong.
 */
export async function makePackages() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      version: { type: "string" },
      out: { type: "string", default: "release" },
      "update-url": { type: "string" },
      "as-built": { type: "boolean", default: false },
    },
  });
  const possible = process.platform === "darwin" ? TARGETS.darwin : TARGETS.linux;
  const unknown = positionals.filter((name) => !possible.includes(name));
  if (positionals.length === 0 || unknown.length > 0) {
    const problem = unknown.length > 0 ? `unknown: ${unknown.join(", ")}; ` : "";
    console.error(`${problem}usage: npm run package -- ${possible.join("|")} … [--version V] [--out DIR]`);
    process.exit(2);
  }
  if (!values["as-built"]) {
    const built = await runQuietly(process.execPath, [join(ROOT, "build/build.mjs"), "--types", "--release"], {
      cwd: ROOT,
    });
    process.stdout.write(built.output);
    if (!built.ok) process.exit(1);
  }
  const startedAt = performance.now();
  const version = values.version ?? sourceVersion(ROOT, { release: true });
  const out = resolve(values.out);
  if (positionals.includes("npm")) {
    const { path, size, unpackedSize, files } = await packNpm({ root: ROOT, out: join(out, "npm"), version });
    console.log(`${path} ${megabytes(size)}, unpacked ${megabytes(unpackedSize)} in ${files} files`);
  }
  const targets = /** @type {AppTarget[]} */ (positionals.filter((name) => name !== "npm"));
  const updateUrl = values["update-url"] ?? (process.env["LOCKSTEP_UPDATE_URL"] || undefined);
  const made = targets.length > 0 ? await packageApp({ targets, version, out, updateUrl }) : [];
  for (const { path } of made) {
    const { size } = statSync(path);
    console.log(statSync(path).isDirectory() ? path : `${path} ${(size / 1e6).toFixed(1)} MB`);
  }
  console.log(`packaged in ${seconds(performance.now() - startedAt)}`);
}

/**
 * Packages the app in dist/.
 * @param {{ targets: AppTarget[], version: string, out: string, updateUrl: string | undefined }} what
 * @returns {Promise<{ target: AppTarget, path: string }[]>} the packages; of `dir`, the unpacked app
 */
async function packageApp({ targets, version, out, updateUrl }) {
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  const work = mkdtempSync(join(ROOT, ".cache/package-"));
  try {
    const { platform, arch } = process;
    await putElectronInPlace();
    const electron = electronToPackage();
    const laidOut = await layOut({ root: ROOT, directory: join(work, "layout"), version, platform, arch });
    const signing = macSigning(process.env);
    const signingInWords = platform === "darwin" ? macSigningInWords(signing) : "Linux: packages carry no signature";
    if (platform === "darwin") console.log(signingInWords);
    const deb = layOutDeb({ root: ROOT, resources: laidOut.resources, directory: join(work, "deb") });
    if (electron.standIn) Object.assign(process.env, standInTools(join(work, "tools")));
    const made = [];
    for (const target of targets) {
      // One run per target, since files that one adds for its updater would end up in another's package.
      const to = join(out, target);
      rmSync(to, { recursive: true, force: true });
      const paths = {
        root: ROOT,
        resources: laidOut.resources,
        out: to,
        icons: join(ROOT, "dist/icons/app"),
        deb,
        electron,
      };
      await runBuilder(electronBuilderConfig(target, paths, { updateUrl, macSigning: signing }), laidOut.app);
      made.push({ target, path: madeIn(to, target) });
      writeMadeOf(to, {
        version,
        buildId: laidOut.buildId,
        electron: electron.version,
        standIn: electron.standIn,
        updateUrl,
        signing: signingInWords,
        parts: partsOf(madeIn(to, "dir")),
      });
    }
    return made;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {import("electron-builder").Configuration} config @param {string} app becomes app.asar */
async function runBuilder(config, app) {
  // Loaded here because it is slow to load and only packaging needs it.
  const { build, Platform } = await import("electron-builder");
  const platform = process.platform === "darwin" ? Platform.MAC : Platform.LINUX;
  await build({ targets: platform.createTarget(), config, projectDir: app, publish: "never" });
}

/** @param {string} out @param {AppTarget} target */
function madeIn(out, target) {
  const isIt = (/** @type {string} */ name) =>
    target === "dir" ? /-unpacked$|^mac(-arm64)?$/.test(name) : ARTIFACT.test(name);
  const name = readdirSync(out).find(isIt);
  if (name === undefined) throw new Error(`electron-builder left no ${target} in ${out}`);
  return join(out, name);
}
