// What goes into dist/: the bundles, and how esbuild makes each of them.
import { join } from "node:path";

/** Not bundled: koffi crashes when it is, and Electron provides its own module. */
const EXTERNAL = ["koffi", "electron"];

/** Output file → source file. */
const PRODUCT = {
  "cli.js": "src/cli/main.ts",
  "commands.js": "src/cli/commands.ts",
  "call-typing.js": "src/cli/call/arguments/call-typing.ts",
  "call-json.js": "src/cli/call/answer/print-json.ts",
  "daemon.js": "src/daemon/main.ts",
  "bridge.js": "src/cli/commands/bridge.ts",
  "index.js": "src/index.ts",
  "electron/main.cjs": "electron/main.ts",
  "electron/preload.cjs": "electron/ipc/preload.ts",
  "electron/updater.js": "electron/update/updater.ts",
};

/** What a call to a warm daemon loads, so that every byte counts. */
const WARM = new Set(["cli.js", "call-typing.js", "call-json.js"]);

/** Source file → the bundle beside the one that imports it, for Node to load only when it is needed. */
const LAZY = {
  "src/cli/commands.ts": "./commands.js",
  "src/cli/commands/bridge.ts": "./bridge.js",
  "src/cli/call/arguments/call-typing.ts": "./call-typing.js",
  "src/cli/call/answer/print-json.ts": "./call-json.js",
  "electron/update/updater.ts": "./updater.js",
};

/**
 * The daemon's code, from which its build ID is computed. One file: an upgrade replaces it under a daemon that runs on, and
 * whatever that daemon loaded later would be another build's.
 */
export const DAEMON_FILES = ["daemon.js"];

/** Stands in daemon.js for the hash of that file, which is only known when it is bundled. */
export const CODE_ID = "code-id-to-write";

/** The hosted server that needs no configuration, as a bundle with all its dependencies. */
const MEMORY = "node_modules/@modelcontextprotocol/server-memory/dist/index.js";

/** @returns {import("esbuild").BuildOptions} */
const platform = () => ({
  bundle: true,
  platform: "node",
  target: "node20.18",
  legalComments: "none",
  logLevel: "silent",
});

/**
 * esbuild's options for every bundle, written to `outdir`.
 * @param {string} root
 * @param {string} outdir
 * @returns {import("esbuild").BuildOptions[]}
 */
export function bundles(root, outdir) {
  return [
    ...Object.entries(PRODUCT).map(([file, source]) => productBundle(root, source, join(outdir, file), file)),
    memoryBundle(root, join(outdir, "memory.mjs")),
    rendererBundle(root, join(outdir, "renderer")),
  ];
}

/** @param {string} root @param {string} source @param {string} outfile @param {string} file */
function productBundle(root, source, outfile, file) {
  return {
    ...platform(),
    absWorkingDir: root,
    entryPoints: [join(root, source)],
    outfile,
    /** @type {"cjs"} */
    format: "cjs",
    external: EXTERNAL,
    plugins: [lazyBundles(root)],
    // Less to read and compile at every start. Names are kept for stack traces, except in what every warm call loads.
    minify: true,
    keepNames: !WARM.has(file),
    define: { LOCKSTEP_CODE_ID: JSON.stringify(CODE_ID) },
    // jsonc-parser's "main" is a UMD file whose own requires esbuild cannot follow; its "module" is plain.
    mainFields: ["module", "main"],
    // `await import("x")` becomes a lazy require, since Node's ESM loader takes longer than loading most modules.
    supported: { "dynamic-import": false },
  };
}

/**
 * Turns `import("…")` of a source that has a bundle of its own into an import of that bundle.
 * @param {string} root
 * @returns {import("esbuild").Plugin}
 */
function lazyBundles(root) {
  const bundleOf = new Map(Object.entries(LAZY).map(([source, bundle]) => [join(root, source), bundle]));
  return {
    name: "lazy-bundles",
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import" && kind !== "require-call") return undefined;
        const bundle = bundleOf.get(join(resolveDir, path).replace(/\.js$/, ".ts"));
        return bundle === undefined ? undefined : { path: bundle, external: true };
      });
    },
  };
}

/** @param {string} root @param {string} outfile */
function memoryBundle(root, outfile) {
  return {
    ...platform(),
    absWorkingDir: root,
    entryPoints: [join(root, MEMORY)],
    outfile,
    /** @type {"esm"} */
    format: "esm",
    // Some dependencies of the SDK are CommonJS and require Node's modules.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    minify: true,
  };
}

/** @param {string} root @param {string} outdir @returns {import("esbuild").BuildOptions} */
function rendererBundle(root, outdir) {
  const file = (/** @type {string} */ name) => join(root, "renderer", name);
  return {
    absWorkingDir: root,
    entryPoints: { main: file("main.tsx"), styles: file("styles.css"), index: file("index.html") },
    outdir,
    bundle: true,
    platform: "browser",
    format: "iife",
    // Electron 33's Chromium.
    target: "chrome130",
    loader: { ".html": "copy", ".svg": "file" },
    assetNames: "[name]",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "silent",
    minify: true,
  };
}
