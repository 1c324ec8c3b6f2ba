import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const ROOMS = ["src", "electron", "renderer", "build", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"];
/** Write the passive or the name of the actor, "not a …" or "invalid", and "fix". */
const AVOIDED = /\b(nobody|somebody|whoever|(?<!there )is none|mend(s|ed|ing)?)\b/i;
/** Lines that have to quote such a word. */
const QUOTED = ['says "fix" for what it called "mend"'];

it("code and documents are written in plain English", () => {
  const lines = ROOMS.flatMap(filesOf).flatMap((file) =>
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .map((line, index) => `${file}:${index + 1}: ${line.trim()}`),
  );
  const found = lines.filter((line) => AVOIDED.test(line) && !QUOTED.some((quote) => line.includes(quote)));
  expect(found).toEqual([]);
});

function filesOf(room: string): string[] {
  if (statSync(join(ROOT, room)).isFile()) return [room];
  return readdirSync(join(ROOT, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|cjs|md|css|html|sh)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}
