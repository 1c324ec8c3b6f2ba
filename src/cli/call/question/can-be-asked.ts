import { isTerminal } from "../../terminal/terminal.js";

/** The capabilities of a command in whose terminal a hosted server can ask something during a call. */
export function questionCapabilities(): Record<string, unknown> {
  return isTerminal(0) && isTerminal(2) ? { elicitation: { form: {}, url: {} } } : {};
}
