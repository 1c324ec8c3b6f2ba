// Debian's versions of the tools that electron-builder downloads, for machines that can reach only the package
// registries. Their packages are for tests and not for release, since the AppImage's runtime is a script.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onPath } from "../setup/system-packages.mjs";

const HERE = fileURLToPath(new URL("stand-ins", import.meta.url));
const RUNTIME_BYTES = 4_096;

/**
 * Puts the stand-ins into `directory` and names them in the variables that electron-builder reads.
 * @param {string} directory
 * @returns {Record<string, string>}
 */
export function standInTools(directory) {
  const tools = join(directory, "appimage");
  mkdirSync(join(tools, "runtimes"), { recursive: true });
  mkdirSync(join(tools, "lib/x64"), { recursive: true });
  writeFileSync(join(tools, "runtimes/runtime-x64"), runtime());
  // Not compressed: for a test, two seconds matter more than a hundred megabytes.
  writeScript(join(tools, "mksquashfs"), `exec ${needed("mksquashfs")} "$@" -noI -noId -noD -noF -noX`);
  symlinkSync(needed("desktop-file-validate"), join(tools, "desktop-file-validate"));
  const fpm = join(directory, "fpm");
  copyFileSync(join(HERE, "fpm.cjs"), fpm);
  chmodSync(fpm, 0o755);
  return { APPIMAGE_TOOLS_PATH: tools, CUSTOM_FPM_PATH: fpm, ELECTRON_BUILDER_7ZIP_PATH: needed("7za") };
}

/** A script, padded with newlines up to the start of the image. */
function runtime() {
  const script = readFileSync(join(HERE, "appimage-runtime.sh"), "utf8").replace("@OFFSET@", String(RUNTIME_BYTES));
  const bytes = Buffer.alloc(RUNTIME_BYTES, "\n");
  if (bytes.write(script) !== Buffer.byteLength(script)) throw new Error(`the runtime is over ${RUNTIME_BYTES} bytes`);
  return bytes;
}

/** @param {string} file @param {string} line */
function writeScript(file, line) {
  writeFileSync(file, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}

/** @param {string} program */
function needed(program) {
  const path = onPath(program);
  if (path === undefined) throw new Error(`packaging without a network needs ${program}`);
  return path;
}
