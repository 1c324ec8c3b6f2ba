import { expect, it } from "vitest";

import { describeHttpFailure } from "../../../../src/servers/channel/http-failure.js";

it.each([
  [{ code: 404 }, "failed-before", true],
  [{ code: 401 }, "failed-before", false],
  [{ code: 400 }, "failed-before", false],
  [Object.assign(new Error("Error POSTing to endpoint: No valid session ID"), { code: 400 }), "failed-before", true],
  [{ code: 503 }, "unknown", false],
  [Object.assign(new TypeError("fetch failed"), { cause: { code: "ENOTFOUND" } }), "failed-before", true],
  [Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } }), "unknown", false],
  [new Error("odd"), "unknown", false],
])("the HTTP failure %j settles its message as %s, and ends the session: %s", (error, fate, sessionOver) => {
  expect(describeHttpFailure(error, "https://e.org")).toMatchObject({ fate, sessionOver });
});
