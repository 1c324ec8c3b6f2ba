import { describe, expect, it } from "vitest";
import { placeWindow, type Area } from "../../../../electron/window/placement.js";

const SIZE = { width: 360, height: 520 };
const SCREEN: Area = { x: 0, y: 0, width: 1920, height: 1080 };
const PANEL = 32;

const underTop = { bounds: SCREEN, workArea: { ...SCREEN, y: PANEL, height: 1080 - PANEL } };
const aboveBottom = { bounds: SCREEN, workArea: { ...SCREEN, height: 1080 - PANEL } };
const besideLeft = { bounds: SCREEN, workArea: { ...SCREEN, x: PANEL, width: 1920 - PANEL } };

describe("the window stands", () => {
  it.each([
    ["under an icon in a panel at the top", underTop, { x: 1500, y: 16 }, { x: 1320, y: 40 }],
    ["above an icon in a panel at the bottom", aboveBottom, { x: 1500, y: 1064 }, { x: 1320, y: 520 }],
    ["beside an icon in a panel on the left", besideLeft, { x: 16, y: 300 }, { x: 40, y: 308 }],
    ["whole on the screen, with an icon in its corner", underTop, { x: 1915, y: 16 }, { x: 1552, y: 40 }],
    ["in the corner, when the pointer is not where the click was", underTop, { x: 900, y: 500 }, { x: 1552, y: 40 }],
    ["in the upper corner, without a click, when the panel is there", underTop, undefined, { x: 1552, y: 40 }],
    ["in the lower corner, without a click, when the panel is there", aboveBottom, undefined, { x: 1552, y: 520 }],
  ])("%s", (_, screen, anchor, expected) => {
    expect(placeWindow(SIZE, screen, anchor)).toEqual(expected);
  });

  it("on the display where the icon is", () => {
    const bounds = { ...SCREEN, x: -1920, y: 200 };
    const screen = { bounds, workArea: { ...bounds, y: 232, height: 1048 } };
    expect(placeWindow(SIZE, screen, { x: -100, y: 210 })).toEqual({ x: -368, y: 240 });
    expect(placeWindow(SIZE, screen, undefined)).toEqual({ x: -368, y: 240 });
  });

  it("with its upper left corner on a screen that is too small", () => {
    const bounds = { x: 0, y: 0, width: 320, height: 240 };
    expect(placeWindow(SIZE, { bounds, workArea: bounds }, { x: 300, y: 230 })).toEqual({ x: 8, y: 8 });
  });
});
