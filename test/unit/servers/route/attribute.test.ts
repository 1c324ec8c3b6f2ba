import { expect, it } from "vitest";

import { attribute, type Work, type WorkForClients } from "../../../../src/servers/route/attribution/attribute.js";

const call = (client: string | undefined, method = "tools/call", asksForTask = false): Work<string> => ({
  client,
  method,
  asksForTask,
});
const task = (client: string | undefined, isDone = false) => ({ client, isDone });
const toA = { to: "client", client: "A" };
const noClient = { to: "none" };
const several = (clients: number) => ({ to: "one of several", clients });

it.each<[string, Partial<WorkForClients<string>>, object]>([
  ["the only open call", { open: [call("A")], users: ["A", "B"] }, toA],
  ["several open calls of one client", { open: [call("A"), call("A", "prompts/get")] }, toA],
  ["open calls of two clients", { open: [call("A"), call("B")] }, several(2)],
  ["a call beside another client's list", { open: [call("A"), call("B", "tools/list"), call("B", "ping")] }, toA],
  [
    "a prompt, a resource and a completion",
    { open: ["prompts/get", "resources/read", "completion/complete"].map((method) => call("A", method)) },
    toA,
  ],
  ["a call that was given up, and no other", { ghosts: [call("A")], users: ["A", "B"] }, toA],
  ["a call beside one that another client gave up", { open: [call("A")], ghosts: [call("B")] }, several(2)],
  ["a call beside one that the same client gave up", { open: [call("A")], ghosts: [call("A")] }, toA],
  ["a call whose client has left", { ghosts: [call(undefined)], users: ["A"] }, noClient],
  ["a call beside one whose client has left", { open: [call("A")], ghosts: [call(undefined)] }, several(2)],
  ["a call beside another client's task", { open: [call("A")], tasks: new Map([["1", task("B")]]) }, several(2)],
  [
    "a call beside another client's task that is done",
    { open: [call("A")], tasks: new Map([["1", task("B", true)]]) },
    toA,
  ],
  ["no call, and one client", { users: ["A"] }, toA],
  ["no call, and two clients", { users: ["A", "B"] }, several(2)],
  ["no call, and a client that has left beside another", { users: ["A", undefined] }, several(2)],
  ["no client at all", {}, noClient],
])("a server's request during %s", (_what, work, expected) => {
  const none = { open: [], ghosts: [], tasks: new Map(), users: [] };
  expect(attribute({ task: undefined }, { ...none, ...work })).toEqual(expected);
});

it.each<[string, Partial<WorkForClients<string>>, object]>([
  [
    "goes to the client that made it, whoever has calls open",
    { open: [call("B")], tasks: new Map([["t", task("A")]]) },
    toA,
  ],
  [
    "goes to no other client when that one has left",
    { open: [call("B")], tasks: new Map([["t", task(undefined)]]) },
    noClient,
  ],
  [
    "goes to the client that has asked for a task, if its id is not known yet",
    { open: [call("A", "tools/call", true), call("B")] },
    toA,
  ],
  ["is attributed like any other if nothing is known of it", { open: [call("A")] }, toA],
])("a server's request that names a task %s", (_what, work, expected) => {
  const none = { open: [], ghosts: [], tasks: new Map(), users: [] };
  expect(attribute({ task: "t" }, { ...none, ...work })).toEqual(expected);
});
