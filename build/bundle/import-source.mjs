// Lets the build import values from the sources, so that they are not written twice.
import { build as esbuild } from "esbuild";

/**
 * The exports of a TypeScript source, which must not depend on files beside its bundle.
 * @param {string} file
 * @returns {Promise<Record<string, unknown>>}
 */
export async function importSource(file) {
  const bundle = await esbuild({
    entryPoints: [file],
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  const code = bundle.outputFiles[0]?.contents ?? new Uint8Array();
  /** @type {Record<string, unknown>} */
  const source = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
  return source;
}
