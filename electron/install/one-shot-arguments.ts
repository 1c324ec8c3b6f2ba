import { UPDATE_FLAG } from "../../src/install/update-protocol.js";

/** Given at login: the app starts without showing its window. */
export const HIDDEN_FLAG = "--hidden";

/**
 * The arguments that the app is given again when it starts itself anew. Those that are about one start only are left out:
 * the socket of a command line that is gone by then, and the start at login, after which no window is expected.
 */
export function lastingArguments(argv: readonly string[]): string[] {
  return argv.filter((arg) => arg !== HIDDEN_FLAG && !arg.startsWith(UPDATE_FLAG));
}
