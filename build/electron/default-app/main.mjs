// What `electron PATH` runs before the app, since the stand-in has no default app. Supports what development and
// Playwright need: `electron [-r MODULE] [switches] PATH` and `electron --version`.
// An ES module, since Electron delays `ready` until its top-level await has finished, so the app still runs before it.
import { existsSync, readFileSync } from "node:fs";
import Module from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { app } from "electron";

/** Untyped functions that Electron's own default app uses too. */
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

/** Arguments with a dash that are unknown here are switches for Chromium. @param {string[]} argv */
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

/** Sets the app's name, path and version from its package.json. @param {string} path @param {string} manifest */
function introduce(path, manifest) {
  /** @type {{ name?: string, productName?: string, version?: string, desktopName?: string }} */
  const { name, productName, version, desktopName } = JSON.parse(readFileSync(manifest, "utf8"));
  electronApp.setAppPath(path);
  electronApp.name = productName ?? name ?? electronApp.name;
  electronApp.setDesktopName(desktopName ?? `${electronApp.name}.desktop`);
  if (version !== undefined) electronApp.setVersion(version);
}
