export interface Point {
  x: number;
  y: number;
}

export interface Area extends Point {
  width: number;
  height: number;
}

/** Of Electron's displays, what matters here: `workArea` is what panels leave free of `bounds`. */
export interface Screen {
  bounds: Area;
  workArea: Area;
}

/** Between window and panel, and window and the screen's edge. */
const GAP = 8;

/** No panel is thicker. */
const PANEL_MOST = 96;

/**
 * Where a window of `size` goes: beside `anchor`, the point of the panel that was clicked; into the corner where tray
 * icons usually are without one, or with a pointer that is nowhere near a panel, since keys can click as well. Pure.
 */
export function placeWindow(size: { width: number; height: number }, screen: Screen, anchor: Point | undefined): Point {
  const { workArea } = screen;
  const { x, y } = anchor && isAtEdge(anchor, screen) ? anchor : usualCorner(screen);
  const above = y > workArea.y + workArea.height / 2;
  return {
    x: clamp(x - size.width / 2, workArea.x + GAP, workArea.x + workArea.width - size.width - GAP),
    y: clamp(
      above ? y - size.height - GAP : y + GAP,
      workArea.y + GAP,
      workArea.y + workArea.height - size.height - GAP,
    ),
  };
}

/** Panels that hide themselves are no part of what the work area leaves out. */
function isAtEdge({ x, y }: Point, { bounds }: Screen): boolean {
  const distances = [x - bounds.x, bounds.x + bounds.width - x, y - bounds.y, bounds.y + bounds.height - y];
  return Math.min(...distances) <= PANEL_MOST;
}

/** On the right, at the side where the panel is. */
function usualCorner({ bounds, workArea: { x, y, width, height } }: Screen): Point {
  const panelOnTop = y > bounds.y;
  return { x: x + width, y: panelOnTop ? y : y + height };
}

/** On a screen that is too small for both, the upper left edge is the one to keep. */
function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.max(least, Math.min(value, most)));
}
