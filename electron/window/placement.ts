export interface Point {
  x: number;
  y: number;
}

export interface Area extends Point {
  width: number;
  height: number;
}

/** The part of Electron's `Display` that is needed: `workArea` is what panels leave free of `bounds`. */
export interface Screen {
  bounds: Area;
  workArea: Area;
}

/**
 * Where the pointer is, if it can be known: under Wayland a program must not know it, and Electron crashes when it is
 * asked before a window has been shown.
 */
export function pointer(env: NodeJS.ProcessEnv, cursor: () => Point): Point | undefined {
  return env["WAYLAND_DISPLAY"] ? undefined : cursor();
}

/** Between window and panel, and between window and screen edge, pixels. */
const GAP = 8;

/** The thickness of the thickest panel, pixels. */
const PANEL_MOST = 96;

/**
 * Where a window of `size` goes: beside `anchor`, the point of the panel that was clicked. Without one, or if it is not
 * near a panel, since a click can come from the keyboard: in the corner where tray icons usually are.
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

/** By the distance to the edge, since the work area does not leave out a panel that hides automatically. */
function isAtEdge({ x, y }: Point, { bounds }: Screen): boolean {
  const distances = [x - bounds.x, bounds.x + bounds.width - x, y - bounds.y, bounds.y + bounds.height - y];
  return Math.min(...distances) <= PANEL_MOST;
}

/** At the right end of the panel. */
function usualCorner({ bounds, workArea: { x, y, width, height } }: Screen): Point {
  const panelOnTop = y > bounds.y;
  return { x: x + width, y: panelOnTop ? y : y + height };
}

/** On a screen that is too small for the window, its upper left corner stays visible. */
function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.max(least, Math.min(value, most)));
}
