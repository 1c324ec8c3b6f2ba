import type { Refusal } from "../../mcp/refusals.js";
import type { Span } from "../../wire/json-scan.js";
import type { ConfiguredServer } from "../configured-server.js";

/** What a session with all servers does with a request. */
export type Outcome =
  /** `resultText`: the result as JSON text. */
  | { kind: "answered"; resultText: string }
  | { kind: "refused"; refusal: Refusal }
  /** Passed on to one server, with other JSON text in some places of the frame. */
  | { kind: "forwarded"; to: ConfiguredServer; edits: Edit[] };

/** Other JSON text for a place in a frame. */
export interface Edit {
  span: Span;
  text: string;
}

export function refused(refusal: Refusal): Outcome {
  return { kind: "refused", refusal };
}
