import { OutcomeUnknownError } from "../../client/follow/delivery.js";
import { isObject } from "../../wire/message.js";
import { PeerClosedError } from "../../wire/peer.js";
import { RpcError } from "../../wire/rpc-error.js";
import { exitCodeOf } from "../exit-code.js";

/** An error as `--json` prints it on stdout, one object for every command. */
export interface ErrorReport {
  error: {
    message: string;
    /** The program's exit code, which says what kind of error it is. */
    exitCode: number;
    /** The JSON-RPC error code of the daemon or the hosted server; null for an error of the command itself. */
    code: number | null;
    /** Did, or may, the request reach the hosted server? Absent where no request was made. */
    delivered?: boolean;
    /** The request may have taken effect. */
    outcome?: "unknown";
  };
}

export function errorReport(error: unknown): ErrorReport {
  const causes = [...causesOf(error)];
  const rpc = causes.find((one) => one instanceof RpcError);
  const message = error instanceof Error ? error.message : String(error);
  return { error: { message, exitCode: exitCodeOf(error), code: rpc?.code ?? null, ...deliveryOf(causes, rpc) } };
}

function deliveryOf(causes: unknown[], rpc: RpcError | undefined): { delivered?: boolean; outcome?: "unknown" } {
  if (causes.some((one) => one instanceof OutcomeUnknownError)) return { delivered: true, outcome: "unknown" };
  const closed = causes.find((one) => one instanceof PeerClosedError);
  if (closed) return { delivered: closed.delivered };
  const delivered = isObject(rpc?.data) ? rpc.data["delivered"] : undefined;
  return typeof delivered === "boolean" ? { delivered } : {};
}

function* causesOf(error: unknown): Iterable<unknown> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}
