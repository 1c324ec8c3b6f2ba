import { blotter } from "../../text/blot.js";
import type { ServerConfig } from "../server-config.js";
import { secretsOfEntry } from "./entry-secrets.js";

/**
 * A filter for whatever is shown or logged about a server, its own output and errors included: replaces the secrets of
 * its configuration by `…`. Texts must be filtered before they are cut, since half a secret is not recognised.
 */
export function redactor(config: ServerConfig): (text: string) => string {
  return blotter(secretsOfEntry(config));
}
