// Is there a screen that a window could be on?
export function hasDisplay() {
  if (process.platform === "darwin") return true;
  return Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
}
