/** True when there is a display to open windows on. */
export function hasDisplay() {
  if (process.platform === "darwin") return true;
  return Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
}
