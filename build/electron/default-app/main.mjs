// What `electron PATH` runs before the app: the stand-in comes without Electron's own. Knows what developing, Playwright
// and a test need: `electron [-r MODULE] [switches] PATH` and `electron --version`.
// An ES module: Electron holds `ready` back until its top-level await is over, so an app's first lines still come first.
import { existsSync, readFileSync } from "node:fs";
import Module from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { app } from "electron";

/** What no types tell of, and Electron's own default app uses as well. */
const electronApp = /** @type {typeof app & AppOfDefaultApp} */ (app);
const nodeModules = /** @type {typeof Module & ModuleOfDefaultApp} */ (Module);
/**
 * @typedef {{ setAppPath(path: string): void, setDesktopName(name: string): void, setVersion(version: string): void }} AppOfDefaultApp
 * @typedef {{ _preloadModules(paths: string[]): void, _resolveFilename(path: string, parent: null, isMain: boolean): string }} ModuleOfDefaultApp
 */

const { modules, path, version } = readArguments(process.argv.slice(1));
if (version) {
  console.log(`v${process.versions["electron"]}`);
  process.exit(0);
}
if (path === undefined) {
  console.error("usage: electron [-r MODULE] PATH");
  process.exit(2);
}
nodeModules._preloadModules(modules);
try {
  await run(resolve(path));
} catch (error) {
  console.error(`electron could not run ${path}:`, error);
  process.exit(1);
}

/** Everything that begins with a dash and is not known here is a switch for Chromium. @param {string[]} argv */
function readArguments(argv) {
  const modules = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? "";
    if (argument === "-r" || argument === "--require") modules.push(argv[++i] ?? "");
    else if (argument === "-v" || argument === "--version") return { modules, path: undefined, version: true };
    else if (!argument.startsWith("-")) return { modules, path: argument, version: false };
  }
  return { modules, path: undefined, version: false };
}

/** @param {string} path */
async function run(path) {
  const manifest = join(path, "package.json");
  if (existsSync(manifest)) introduce(path, manifest);
  else electronApp.setAppPath(dirname(path));
  Object.defineProperty(process, "defaultApp", { value: true, enumerable: true });
  await import(pathToFileURL(nodeModules._resolveFilename(path, null, true)).href);
}

/** Lets Electron speak of the app by the app's own name. @param {string} path @param {string} manifest */
function introduce(path, manifest) {
  /** @type {{ name?: string, productName?: string, version?: string, desktopName?: string }} */
  const { name, productName, version, desktopName } = JSON.parse(readFileSync(manifest, "utf8"));
  electronApp.setAppPath(path);
  electronApp.name = productName ?? name ?? electronApp.name;
  electronApp.setDesktopName(desktopName ?? `${electronApp.name}.desktop`);
  if (version !== undefined) electronApp.setVersion(version);
}
