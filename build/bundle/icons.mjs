// Draws the icons: one shape for each state, in the variants that panels need, and the app's icon.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The colours of coloured icons. States differ in shape too; these colours contrast with light and with dark panels.
 */
export const STATE_COLOURS = {
  running: "#1e965a",
  drifted: "#b97a10",
  starting: "#3f82e0",
  draining: "#3f82e0",
  stopped: "#7e838c",
  unresponsive: "#e0524a",
  failed: "#e0524a",
};
const ON_LIGHT_PANELS = "#1d1d1f";
const ON_DARK_PANELS = "#f5f5f7";
/** The size of the icon in the menu bar of macOS and in a panel on Linux, points. */
const MENU_BAR = 18;
const PANEL = 22;
const APP_SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
/** A file with a hash of the drawings, so that unchanged icons are not drawn again. */
const STAMP = "drawn-from";

/** @param {string} root @param {string} icons the directory where they may be already */
export function iconsAreCurrent(root, icons) {
  try {
    return readFileSync(join(icons, STAMP), "utf8") === drawnFrom(root);
  } catch {
    return false;
  }
}

/**
 * Writes STATE-VARIANT.png, also in double size, and app/SIZExSIZE.png.
 * @param {string} root @param {string} outdir
 */
export async function drawIcons(root, outdir) {
  const draw = await loadRenderer();
  for (const [state, colour] of Object.entries(STATE_COLOURS)) {
    const svg = readFileSync(join(root, `renderer/states/${state}.svg`), "utf8");
    const variants = [
      // macOS draws images named Template in the colour of the menu bar.
      { name: "Template", colour: "#000", points: MENU_BAR },
      { name: "dark", colour: ON_LIGHT_PANELS, points: PANEL },
      { name: "light", colour: ON_DARK_PANELS, points: PANEL },
      { name: "coloured", colour, points: PANEL },
    ];
    for (const { name, colour, points } of variants) {
      const coloured = svg.replaceAll("currentColor", colour);
      write(join(outdir, `${state}-${name}.png`), draw(coloured, points));
      write(join(outdir, `${state}-${name}@2x.png`), draw(coloured, points * 2));
    }
  }
  const app = readFileSync(join(root, "build/bundle/icons/app.svg"), "utf8");
  for (const size of APP_SIZES) write(join(outdir, `app/${size}x${size}.png`), draw(app, size));
  write(join(outdir, STAMP), drawnFrom(root));
}

/** @param {string} root */
function drawnFrom(root) {
  const drawings = ["build/bundle/icons", "renderer/states"].flatMap((folder) =>
    readdirSync(join(root, folder))
      .sort()
      .map((name) => join(root, folder, name)),
  );
  const files = [fileURLToPath(import.meta.url), ...drawings];
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex");
}

/** @type {Promise<void> | undefined} */
let loading;

/** @returns {Promise<(svg: string, pixels: number) => Uint8Array>} */
async function loadRenderer() {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  // Once per process, since `--watch` draws more than once.
  loading ??= initWasm(readFileSync(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")));
  await loading;
  return (svg, pixels) => {
    const drawing = new Resvg(svg, { fitTo: { mode: "width", value: pixels } });
    const png = drawing.render().asPng();
    drawing.free();
    return png;
  };
}

/** @param {string} file @param {string | Uint8Array} content */
function write(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
