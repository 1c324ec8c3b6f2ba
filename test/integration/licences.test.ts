import { build, type Metafile } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { bundles } from "../../build/bundle/bundles.mjs";
import { it } from "../fixtures/it/with-directory.js";
import { thirdPartyLicences } from "../../build/bundle/licences.mjs";

const ROOT = join(import.meta.dirname, "../..");

it("every package that has code in a bundle is listed with its licence's text, and koffi is too", async ({
  directory,
}) => {
  const built = readFileSync(join(ROOT, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  const entries = built.split(/^={80}$/m).slice(1);
  const inside = new Set(["node_modules/koffi"]);
  for (const options of bundles(ROOT, directory)) {
    const { metafile } = await build({ ...options, metafile: true, write: false });
    for (const { inputs } of Object.values(metafile.outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const parts = path.split("/");
        const at = parts.lastIndexOf("node_modules") + 1;
        if (at > 0 && bytesInOutput > 0)
          inside.add(parts.slice(0, at + (parts[at]!.startsWith("@") ? 2 : 1)).join("/"));
      }
    }
  }
  expect(inside.size).toBeGreaterThan(10);
  expect(inside).toContain("node_modules/jsonc-parser");
  for (const path of inside) {
    const { name, version } = manifest(path);
    const entry = entries.find((text) => text.startsWith(`\n${name} ${version}\n`));
    expect(entry, name).toMatch(/^Licence: .+$/m);
    expect(entry, name).toMatch(/copyright/i);
    expect(entry, name).toMatch(/permission|redistribution/i);
    expect(entry, name).toMatch(/warranty|warranties/i);
  }
});

it("a package without a licence text fails the build, which names it", ({ directory }) => {
  writePackage(directory, "silent", { license: "MIT" });
  writePackage(directory, "spoken", { license: "MIT" }, "Do as you like.");
  writePackage(directory, "koffi", { license: "MIT" }, "Do as you like.");
  const inputs = ["node_modules/spoken/index.js", "node_modules/silent/lib/index.js", "src/own.ts"];
  expect(() => thirdPartyLicences(directory, [metafileOf(inputs)])).toThrow(
    /\n {2}silent 1\.0\.0 \(node_modules\/silent\)\n/,
  );
  const text = thirdPartyLicences(directory, [metafileOf(inputs.slice(0, 1))]);
  expect(text).toContain("spoken 1.0.0\nLicence: MIT\n\nDo as you like.\n");
});

function manifest(path: string): { name: string; version: string } {
  return JSON.parse(readFileSync(join(ROOT, path, "package.json"), "utf8")) as { name: string; version: string };
}

function writePackage(directory: string, name: string, fields: object, licence?: string): void {
  const at = join(directory, "node_modules", name);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "package.json"), JSON.stringify({ name, version: "1.0.0", ...fields }));
  if (licence !== undefined) writeFileSync(join(at, "LICENSE"), licence);
}

function metafileOf(paths: string[]): Metafile {
  const inputs = Object.fromEntries(paths.map((path) => [path, { bytesInOutput: 1 }]));
  const output = { bytes: 1, inputs, imports: [], exports: [] };
  return { inputs: {}, outputs: { "dist/some.js": output } };
}
