import { expect, it } from "vitest";
import { Subscriptions } from "../../../../src/client/follow/subscriptions.js";
import { Peer } from "../../../../src/wire/peer.js";
import { eventually } from "../../wire/eventually.js";
import { socketPair } from "../../wire/socket-pair.js";

it("a new connection gets the last log level and the subscriptions that were not given up", async () => {
  const subscriptions = new Subscriptions();
  subscriptions.note("logging/setLevel", { level: "info" });
  subscriptions.note("resources/subscribe", { uri: "a:1" });
  subscriptions.note("resources/subscribe", { uri: "b:2" });
  subscriptions.note("tools/call", { name: "note" });
  subscriptions.note("logging/setLevel", { level: "debug" });
  subscriptions.note("resources/unsubscribe", { uri: "a:1" });
  expect(await repeated(subscriptions, 2)).toEqual([
    ["logging/setLevel", { level: "debug" }],
    ["resources/subscribe", { uri: "b:2" }],
  ]);
});

it("a resource that is gone does not keep a new connection from the other subscriptions", async () => {
  const subscriptions = new Subscriptions();
  subscriptions.note("resources/subscribe", { uri: "gone:1" });
  subscriptions.note("resources/subscribe", { uri: "b:2" });
  expect(await repeated(subscriptions, 2)).toContainEqual(["resources/subscribe", { uri: "b:2" }]);
});

/** The requests that the other side of a new connection gets. */
async function repeated(subscriptions: Subscriptions, count: number): Promise<unknown[]> {
  const [near, far] = await socketPair();
  const requests: unknown[] = [];
  new Peer(far, far, {
    onRequest: (method, params) => {
      requests.push([method, params]);
      if (JSON.stringify(params).includes("gone:")) throw new Error("Resource not found");
      return {};
    },
  });
  subscriptions.repeat(new Peer(near, near));
  await eventually(() => expect(requests).toHaveLength(count));
  return requests;
}
