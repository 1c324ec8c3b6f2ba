import { errorFrame } from "../../mcp/answer-frames.js";
import { readEnvelope } from "../../wire/envelope.js";
import { MessageTooLongError, requireFrameLength } from "../../wire/frames.js";
import { textAt } from "../../mcp/span.js";

/**
 * The frame, as long as the client accepts it: it would end the connection, and all its calls, for one over the limit. An
 * answer can grow beyond that when it gets the client's id back; an error takes its place. Undefined: nothing is sent.
 */
export function fittingFrame(frame: Buffer | string): Buffer | string | undefined {
  try {
    requireFrameLength(frame);
    return frame;
  } catch (error) {
    if (!(error instanceof MessageTooLongError)) throw error;
    const envelope = readEnvelope(Buffer.from(frame));
    if (envelope.kind !== "response") return undefined;
    return errorFrame(textAt(envelope.raw, envelope.idSpan), { code: INTERNAL_ERROR, message: error.message });
  }
}

const INTERNAL_ERROR = -32603;
