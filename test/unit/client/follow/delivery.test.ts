import { expect, it } from "vitest";
import { asOutcomeUnknown, OutcomeUnknownError, wasNeverDelivered } from "../../../../src/client/follow/delivery.js";
import { ERROR } from "../../../../src/wire/control.js";
import { MessageTooLongError } from "../../../../src/wire/frames.js";
import { PeerClosedError } from "../../../../src/wire/peer.js";
import { RpcError } from "../../../../src/wire/rpc-error.js";

const lost = { delivered: true, outcome: "unknown" };

it.each<[string, Error, { again: boolean; unknown: boolean }]>([
  ["never left the process", new PeerClosedError("x", false), { again: true, unknown: false }],
  ["was too long to be sent", new MessageTooLongError(1), { again: true, unknown: false }],
  ["was refused while draining", rpc(ERROR.draining, { delivered: false }), { again: true, unknown: false }],
  ["left the process", new PeerClosedError("x", true), { again: false, unknown: true }],
  ["was cut off by a drain", rpc(ERROR.draining, lost), { again: false, unknown: true }],
  ["was cut off by its server's end", rpc(ERROR.serverLost, lost), { again: false, unknown: true }],
  ["could not reach its server", rpc(ERROR.serverUnavailable, { delivered: false }), { again: false, unknown: false }],
  ["failed in its server", rpc(-32603, null), { again: false, unknown: false }],
])("a request that %s may be sent again only if it never ran", (_, error, { again, unknown }) => {
  expect(wasNeverDelivered(error)).toBe(again);
  expect(asOutcomeUnknown(error, "tools/call") instanceof OutcomeUnknownError).toBe(unknown);
});

it("an unknown outcome names the request and the reason, and keeps the cause", () => {
  const cause = new PeerClosedError("tools/call: the connection ended before it was answered.", true);
  const error = asOutcomeUnknown(cause, "tools/call") as Error;
  expect(error.message).toMatch(/^tools\/call: outcome unknown\. .*ended before/);
  expect(error.cause).toBe(cause);
});

function rpc(code: number, data: unknown): RpcError {
  return new RpcError(code, "x", data);
}
