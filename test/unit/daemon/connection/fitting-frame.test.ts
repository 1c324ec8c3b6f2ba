import { expect, it } from "vitest";
import { fittingFrame } from "../../../../src/daemon/connection/fitting-frame.js";
import { MAX_FRAME_BYTES } from "../../../../src/wire/frames.js";

const text = "x".repeat(MAX_FRAME_BYTES);

it("an answer that the client would refuse for its length is replaced by an error with its id", () => {
  const error = JSON.parse(String(fittingFrame(`{"jsonrpc":"2.0","id":"a","result":"${text}"}`))) as unknown;
  expect(error).toMatchObject({
    id: "a",
    error: { code: -32603, message: expect.stringContaining("64 MiB") as string },
  });
});

it("a notification that the client would refuse for its length is left out", () => {
  expect(fittingFrame(Buffer.from(`{"jsonrpc":"2.0","method":"notifications/x","params":"${text}"}`))).toBeUndefined();
});

it("a frame up to the limit is sent as it is", () => {
  const frame = Buffer.from(text);
  expect(fittingFrame(frame)).toBe(frame);
  expect(fittingFrame("{}")).toBe("{}");
});
