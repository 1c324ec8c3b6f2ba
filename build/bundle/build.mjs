// Builds dist/. Needs npm's packages, which `build/build.mjs` installs first.
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as esbuild, formatMessages } from "esbuild";
import { bundles, CODE_ID, DAEMON_FILES } from "./bundles.mjs";
import { drawIcons, iconsAreCurrent } from "./icons.mjs";
import { importSource } from "./import-source.mjs";
import { fingerprint, SOURCES, writeBuildStamp } from "./inputs.mjs";
import { thirdPartyLicences } from "./licences.mjs";
import { writeShellFiles } from "./shell-files.mjs";
import { emitTypes } from "./types.mjs";
import { sourceVersion } from "./version.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Builds and prints errors. Resolves with true on success. @param {Parameters<typeof build>[0]} options */
export async function buildAndReport(options) {
  try {
    await build(options);
    return true;
  } catch (error) {
    const errors = /** @type {import("esbuild").BuildFailure} */ (error).errors;
    const lines =
      errors === undefined
        ? [String(error)]
        : await formatMessages(errors, { kind: "error", color: process.stderr.isTTY });
    console.error(lines.join(""));
    return false;
  }
}

/** Builds, and again whenever a source changes. @param {Parameters<typeof build>[0]} options */
export async function watchSources(options) {
  await buildAndReport(options);
  console.log(`watching ${SOURCES.join(", ")}; press Ctrl+C to end`);
  /** @type {NodeJS.Timeout | undefined} */
  let pending;
  let building = Promise.resolve();
  // An editor's save causes several events, and a save during a build requires another build.
  const buildSoon = () => {
    clearTimeout(pending);
    pending = setTimeout(() => {
      building = building.then(async () => void (await buildAndReport(options)));
    }, 50);
  };
  for (const folder of SOURCES) watch(join(ROOT, folder), { recursive: true }, buildSoon);
}

/**
 * Builds into a temporary directory and moves the files into dist/ one by one, build-info.json last. A program that runs
 * from dist/ meanwhile never reads half a file, and never sees a build-info.json whose build is incomplete.
 * @param {{ release: boolean, types: boolean }} options
 */
async function build({ release, types }) {
  const startedAt = Date.now();
  const inputs = fingerprint(ROOT, { release });
  const cache = join(ROOT, ".cache");
  const dist = join(ROOT, "dist");
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, "build-"));
  mkdirSync(dist, { recursive: true });
  const version = sourceVersion(ROOT, { release });
  const protocolRead = readProtocol();
  const bundled = bundles(ROOT, fresh).map((options) => esbuild({ ...options, metafile: true }));
  const parts = [
    protocolRead,
    ...bundled,
    writeShellFiles(ROOT, fresh, version),
    ...(types ? [emitTypes(ROOT, fresh)] : []),
    ...(iconsAreCurrent(ROOT, join(dist, "icons")) ? [] : [drawIcons(ROOT, join(fresh, "icons"))]),
  ];
  try {
    await Promise.all(parts);
    const protocol = await protocolRead;
    chmodSync(join(fresh, "cli.js"), 0o755);
    const metafiles = (await Promise.all(bundled)).map(({ metafile }) => metafile);
    writeFileSync(join(fresh, "THIRD-PARTY-LICENSES.txt"), thirdPartyLicences(ROOT, metafiles));
    const buildId = buildIdOf(fresh);
    writeCodeId(fresh, buildId);
    const info = { version, buildId, protocol, codeId: buildId };
    if (types) rmSync(join(dist, "types"), { recursive: true, force: true });
    moveInto(fresh, dist);
    writeFileSync(join(fresh, "build-info.json"), JSON.stringify(info, undefined, 2) + "\n");
    renameSync(join(fresh, "build-info.json"), join(dist, "build-info.json"));
    writeBuildStamp(ROOT, inputs);
    console.log(
      `built ${info.version} (build ${info.buildId}, protocol ${info.protocol}) in ${Date.now() - startedAt} ms`,
    );
  } finally {
    // A part that is still writing when another has failed would create the directory again.
    await Promise.allSettled(parts);
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** File by file, since a directory can't be renamed onto one with content. @param {string} from @param {string} to */
function moveInto(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const move = entry.isDirectory() ? moveInto : renameSync;
    move(join(from, entry.name), join(to, entry.name));
  }
}

/** The protocol's number, from the source that defines it. */
async function readProtocol() {
  const control = await importSource(join(ROOT, "src/wire/control.ts"));
  if (!Number.isInteger(control.PROTOCOL)) throw new Error("src/wire/control.ts exports no integer PROTOCOL");
  return /** @type {number} */ (control.PROTOCOL);
}

/** @param {string} dir */
function buildIdOf(dir) {
  const hash = createHash("sha256");
  for (const file of DAEMON_FILES) hash.update(readFileSync(join(dir, file)));
  return hash.digest("hex").slice(0, 16);
}

/**
 * Writes the hash of the daemon's code into that code, in place of a text of its length, so that a daemon knows what it
 * was loaded from.
 * @param {string} dir
 * @param {string} id
 */
function writeCodeId(dir, id) {
  const file = join(dir, "daemon.js");
  const code = readFileSync(file, "utf8");
  if (!code.includes(CODE_ID)) throw new Error("daemon.js has no place for its hash: see CODE_ID in bundles.mjs");
  writeFileSync(file, code.replaceAll(CODE_ID, id));
}
