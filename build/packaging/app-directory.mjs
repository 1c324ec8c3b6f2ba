// Lays out the contents of a packaged app, apart from Electron:
//   app/                 becomes app.asar: main process, preload, window, icons
//   resources/lockstep/  the installation: command line, daemon, build-info.json. Plain files, since drift is
//                        detected by reading them from disk, and an archive's index is kept in memory
//   resources/node_modules/  koffi, found from both
//   resources/bin/lockstep   for the PATH
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { writeShellFiles } from "../bundle/shell-files.mjs";

/** The parts of dist/ that go into the app's archive. */
const OF_THE_APP = ["electron", "renderer", "icons"];
/** The app's icon that electron/window/ordinary-window.ts shows. */
const WINDOW_ICON = "128x128.png";
/** The parts of dist/ that only users of the library need. */
const OF_THE_LIBRARY = ["types", "index.d.ts", "index.js"];

/**
 * @param {{ root: string, directory: string, version: string, platform: NodeJS.Platform, arch: string }} what
 * @returns {Promise<{ app: string, resources: string, buildId: string }>}
 */
export async function layOut({ root, directory, version, platform, arch }) {
  const app = join(directory, "app");
  const resources = join(directory, "resources");
  const dist = join(root, "dist");
  const installation = join(resources, "lockstep");
  for (const name of readdirSync(dist)) {
    if (OF_THE_LIBRARY.includes(name)) continue;
    const to = OF_THE_APP.includes(name) ? join(app, "dist", name) : join(installation, name);
    cpSync(join(dist, name), to, { recursive: true });
  }
  // The app's icon is for electron-builder; the archive needs the tray icons, and one size for the window.
  const appIcons = join(app, "dist/icons/app");
  for (const name of readdirSync(appIcons)) if (name !== WINDOW_ICON) rmSync(join(appIcons, name), { recursive: true });
  await writeShellFiles(root, installation, version);
  writeJson(join(app, "package.json"), appManifest(root, version));
  const buildInfo = readJson(join(dist, "build-info.json"));
  writeJson(join(installation, "build-info.json"), { ...buildInfo, version });
  for (const file of ["LICENSE", "CHANGELOG.md"]) copyFileSync(join(root, file), join(installation, file));
  const bin = join(resources, "bin/lockstep");
  mkdirSync(dirname(bin), { recursive: true });
  copyFileSync(join(root, "build/packaging/lockstep.sh"), bin);
  chmodSync(bin, 0o755);
  copyKoffi(root, join(resources, "node_modules"), `${platform}-${arch}`);
  return { app, resources, buildId: String(buildInfo["buildId"]) };
}

/** @param {string} root @param {string} version */
function appManifest(root, version) {
  const { name, description, license, author, homepage } = readJson(join(root, "package.json"));
  return {
    name,
    version,
    description,
    license,
    author,
    homepage,
    desktopName: "lockstep.desktop",
    main: "dist/electron/main.cjs",
  };
}

/** The files of koffi's package that are loaded, and its licence, but not its C++ sources. */
const KOFFI_FILES = /^(|package\.json|LICENSE\.txt|index\.cjs|src|src\/koffi(|\/src)(|\/[^/]*\.cjs))$/;

/**
 * koffi's native part is a separate package for each of twenty systems, of which one is needed.
 * @param {string} root @param {string} to @param {string} system
 */
function copyKoffi(root, to, system) {
  const modules = join(root, "node_modules");
  const native = `@koromix/koffi-${system}`;
  if (!existsSync(join(modules, native))) throw new Error(`${native} is not installed: run npm ci on ${system}`);
  const koffi = join(modules, "koffi");
  const filter = (/** @type {string} */ file) => KOFFI_FILES.test(relative(koffi, file));
  cpSync(koffi, join(to, "koffi"), { recursive: true, filter });
  cpSync(join(modules, native), join(to, native), { recursive: true });
}

/** @param {string} file @returns {Record<string, unknown>} */
function readJson(file) {
  /** @type {Record<string, unknown>} */
  const parsed = JSON.parse(readFileSync(file, "utf8"));
  return parsed;
}

/** @param {string} file @param {unknown} value */
function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value, undefined, 2) + "\n");
}
