import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { STATE_COLOURS } from "../../../../build/bundle/icons.mjs";
import { ICON_STYLES } from "../../../../electron/settings/settings.js";
import { trayIconFile } from "../../../../electron/tray/tray-icon.js";
import type { Shape } from "../../../../electron/view/window-view.js";

const DRAWINGS = resolve("renderer/states");
const SHAPES: Record<Shape, true> = {
  looking: true,
  starting: true,
  running: true,
  drifted: true,
  draining: true,
  stopped: true,
  unresponsive: true,
  failed: true,
};
const shapes = Object.keys(SHAPES) as Shape[];

describe("the tray's icons", () => {
  it("are a shape of its own for each state", () => {
    const drawings = readdirSync(DRAWINGS).map((name) =>
      readFileSync(join(DRAWINGS, name), "utf8").replace(/<!--.*?-->/s, ""),
    );
    expect(new Set(drawings).size).toBe(Object.keys(STATE_COLOURS).length);
  });

  it.each(shapes)("have a drawing for %s, in each style and on each platform", (shape) => {
    for (const style of ICON_STYLES) {
      for (const platform of ["linux", "darwin"] as const) {
        const [, state = "", variant] =
          /^\/icons\/(\w+)-(\w+)\.png$/.exec(trayIconFile("/icons", shape, style, platform)) ?? [];
        expect(existsSync(join(DRAWINGS, `${state}.svg`))).toBe(true);
        expect(["Template", "light", "dark", "coloured"]).toContain(variant);
      }
    }
  });

  it("are templates in the menu bar of macOS, and coloured on Linux, until the user chooses", () => {
    expect(trayIconFile("/icons", "running", "auto", "darwin")).toBe("/icons/running-Template.png");
    expect(trayIconFile("/icons", "running", "auto", "linux")).toBe("/icons/running-coloured.png");
    expect(trayIconFile("/icons", "running", "dark", "darwin")).toBe("/icons/running-dark.png");
  });

  it.each(Object.entries(STATE_COLOURS))("in colour stand out from a light and from a dark panel: %s", (_, colour) => {
    // What WCAG asks of graphics.
    expect(contrast(colour, "#ececec")).toBeGreaterThanOrEqual(3);
    expect(contrast(colour, "#2b2d31")).toBeGreaterThanOrEqual(3);
  });
});

function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG's relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
