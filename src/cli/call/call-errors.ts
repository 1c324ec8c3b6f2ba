import { asOutcomeUnknown, OutcomeUnknownError } from "../../client/follow/delivery.js";
import { exactDurationText } from "../../text/duration.js";
import { toOneLine } from "../../text/escape-control-characters.js";
import { ERROR } from "../../wire/control.js";
import { DeadlineError } from "../../wire/deadline.js";
import { RpcError } from "../../wire/rpc-error.js";
import { InterruptedError, ToolError, UsageError } from "../exit-code.js";
import type { Call } from "./call.js";

/** The error of a failed call, worded for the user. `sent`: it may have reached the server. */
export function inWords(error: unknown, { server, tool, timeoutMs = 0 }: Call, sent: boolean): unknown {
  const what = `${server} ${tool}`;
  if (error instanceof DeadlineError) {
    const bound = exactDurationText(timeoutMs);
    return sent
      ? new OutcomeUnknownError(
          `${what}: no answer within ${bound}, so the call was cancelled; outcome unknown: check whether it took effect before you repeat it`,
          { cause: error },
        )
      : new Error(`${what}: the server was not ready within ${bound}, so the tool was not called`, { cause: error });
  }
  if (error instanceof InterruptedError && sent) {
    return new InterruptedError(error.message, { cause: new OutcomeUnknownError(`${what}: outcome unknown`) });
  }
  if (error instanceof RpcError) return answerInWords(error, what);
  return asOutcomeUnknown(error, what);
}

function answerInWords(error: RpcError, what: string): unknown {
  const message = toOneLine(error.message);
  switch (error.code) {
    case ERROR.serverUnknown:
      return new UsageError(message, { cause: error });
    case ERROR.draining:
    case ERROR.serverLost:
    case ERROR.serverTimeout:
    case ERROR.serverUnavailable: {
      const onOneLine = new RpcError(error.code, message, error.data);
      const unknown = asOutcomeUnknown(onOneLine, what);
      return unknown === onOneLine ? new Error(`${what}: ${message}`, { cause: error }) : unknown;
    }
    default:
      return new ToolError(`${what}: the server answered with error ${error.code}: ${message}`, { cause: error });
  }
}
