// Makes the npm package: the command line, the daemon and the library, without the app.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeShellFiles } from "../bundle/shell-files.mjs";
import { emitTypes } from "../bundle/types.mjs";

const run = promisify(execFile);

/** The size limit of the download. */
const LIMIT_BYTES = 3_000_000;
const PACK_LIMIT_MS = 60_000;
/** The parts of dist/ that only the app needs. */
const OF_THE_APP = /^dist\/(electron|renderer|icons)$/;
/** Fields of package.json that are for development only. */
const OF_DEVELOPMENT = ["scripts", "devDependencies", "overrides"];

/**
 * Packs dist/ as `version`. Throws an Error when the package is larger than 3 MB.
 * @param {{ root: string, out: string, version: string }} what
 * @returns {Promise<{ path: string, size: number, unpackedSize: number, files: number }>} sizes in bytes
 */
export async function packNpm({ root, out, version }) {
  const stage = mkdtempSync(join(tmpdir(), "lockstep-npm-"));
  try {
    await layOut(root, stage, version);
    mkdirSync(out, { recursive: true });
    const args = ["pack", "--json", "--ignore-scripts", "--loglevel", "error", "--pack-destination", out];
    const { stdout } = await run("npm", args, { cwd: stage, timeout: PACK_LIMIT_MS, maxBuffer: 1 << 26 });
    const { filename, size, unpackedSize, files } = readReport(stdout);
    if (size > LIMIT_BYTES) {
      const largest = files.sort((a, b) => b.size - a.size).slice(0, 5);
      const list = largest.map((file) => `  ${file.path} ${megabytes(file.size)}`).join("\n");
      throw new Error(`${filename} has ${megabytes(size)}, more than ${megabytes(LIMIT_BYTES)}; its largest:\n${list}`);
    }
    return { path: join(out, filename), size, unpackedSize, files: files.length };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

/**
 * Copies the files that package.json's `files` lists into a directory, with a "main" for the library: npm always packs
 * "main", which in the tree is the app's.
 * @param {string} root @param {string} stage @param {string} version
 */
async function layOut(root, stage, version) {
  const manifest = readJson(join(root, "package.json"));
  const { scripts = {} } = /** @type {{ scripts?: Record<string, string> }} */ (manifest);
  for (const name of OF_DEVELOPMENT) delete manifest[name];
  Object.assign(manifest, { version, main: "dist/index.js", scripts: { postinstall: scripts["postinstall"] } });
  for (const name of ["dist", "build/hooks", "README.md", "LICENSE", "CHANGELOG.md"]) {
    const filter = (/** @type {string} */ file) => !OF_THE_APP.test(file.slice(root.length + 1));
    cpSync(join(root, name), join(stage, name), { recursive: true, filter });
  }
  writeJson(join(stage, "package.json"), manifest);
  const dist = join(stage, "dist");
  writeJson(join(dist, "build-info.json"), { ...readJson(join(dist, "build-info.json")), version });
  rmSync(join(dist, "types"), { recursive: true, force: true });
  await Promise.all([writeShellFiles(root, dist, version), emitTypes(root, dist)]);
}

/** @param {string} stdout */
function readReport(stdout) {
  /** @typedef {{ filename: string, size: number, unpackedSize: number, files: { path: string, size: number }[] }} Report */
  const reports = /** @type {Report[] | Record<string, Report>} */ (JSON.parse(stdout));
  const [report] = Object.values(reports);
  if (report === undefined) throw new Error(`npm pack reported no package:\n${stdout}`);
  return report;
}

/** @param {string} file @returns {Record<string, unknown>} */
function readJson(file) {
  /** @type {Record<string, unknown>} */
  const value = JSON.parse(readFileSync(file, "utf8"));
  return value;
}

/** @param {string} file @param {unknown} value */
function writeJson(file, value) {
  writeFileSync(file, JSON.stringify(value, undefined, 2) + "\n");
}
