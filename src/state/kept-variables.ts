import { NETWORK } from "./network-variables.js";

/**
 * The variables that a daemon keeps from the program that happens to start it. A daemon lives for weeks, so what one
 * terminal exported is not part of it, nor is what npm, Electron or an AppImage set for themselves. `own` is the
 * prefix of the daemon's own variables, such as `LOCKSTEP_`.
 */
export function keptVariables(env: Readonly<Record<string, string | undefined>>, own: string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (name.startsWith(own) || KEPT.some((pattern) => pattern.test(name)))) kept[name] = value;
  }
  return kept;
}

const KEPT = [
  // The user, and how the user's programs are found and speak.
  /^(HOME|USER|LOGNAME|SHELL|PATH|LANG|LC_\w+|TZ|TMPDIR|XDG_\w+)$/,
  // The desktop, for servers that open a window, show a notification or ask for a key. X11 refuses without XAUTHORITY.
  /^(DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|SSH_AUTH_SOCK)$/,
  ...NETWORK,
];
