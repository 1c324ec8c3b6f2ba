import { expect, it } from "vitest";

import { HostLists } from "../../../src/bridge/host-lists.js";
import { readEnvelope, type ResponseEnvelope } from "../../../src/wire/envelope.js";

function answer(result: object): ResponseEnvelope {
  return readEnvelope(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, result }))) as ResponseEnvelope;
}

const ONE = { tools: [{ name: "one" }] };
const TWO = { tools: [{ name: "two" }] };

it("a host is told of a change only when the list that it has differs, and once for each", async () => {
  const told: string[] = [];
  const lists = new HostLists((frame) => told.push(frame));
  lists.give("tools/list", answer(ONE));
  await lists.onChanged("tools", async () => answer(ONE));
  expect(told).toEqual([]);
  await lists.onChanged("tools", async () => answer(TWO));
  await lists.onChanged("tools", async () => answer(TWO));
  expect(told).toEqual(['{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}']);
  await lists.onChanged("tools", async () => answer(ONE));
  expect(told).toHaveLength(2);
});

it("a host that never asked for a list is told of each change of it", async () => {
  const told: string[] = [];
  const lists = new HostLists((frame) => told.push(frame));
  await lists.onChanged("prompts", async () => answer({ prompts: [] }));
  expect(told).toHaveLength(1);
});

it("a list with more pages counts as changed, since the others may be", async () => {
  const told: string[] = [];
  const lists = new HostLists((frame) => told.push(frame));
  const paged = { ...ONE, nextCursor: "2" };
  lists.give("tools/list", answer(paged));
  await lists.onChanged("tools", async () => answer(paged));
  expect(told).toHaveLength(1);
});

it("fifty announcements during one look lead to one more look", async () => {
  let looks = 0;
  const lists = new HostLists(() => undefined);
  lists.give("tools/list", answer(ONE));
  const ask = async (): Promise<ResponseEnvelope> => {
    looks++;
    await new Promise(setImmediate);
    return answer(ONE);
  };
  await Promise.all(Array.from({ length: 50 }, () => lists.onChanged("tools", ask)));
  expect(looks).toBe(2);
});

it("a daemon that ends during the look, or refuses, changes nothing", async () => {
  const told: string[] = [];
  const lists = new HostLists((frame) => told.push(frame));
  lists.giveText("tools/list", JSON.stringify(ONE));
  await lists.onChanged("tools", async () => undefined);
  lists.recheck(async () => answer(ONE));
  await new Promise(setImmediate);
  expect(told).toEqual([]);
});
