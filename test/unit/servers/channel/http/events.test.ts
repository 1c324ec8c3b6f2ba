import fc from "fast-check";
import { expect, it } from "vitest";

import { EventDecoder } from "../../../../../src/servers/channel/http/events.js";

function read(chunks: Buffer[]): { events: [string, string][]; decoder: EventDecoder; tooLarge: number } {
  const events: [string, string][] = [];
  let tooLarge = 0;
  const decoder = new EventDecoder(
    ({ type, data }) => events.push([type, data.toString()]),
    () => tooLarge++,
  );
  for (const chunk of chunks) decoder.push(chunk);
  return { events, decoder, tooLarge };
}

const STREAM =
  "\ufeffid: 1\nretry: 250\ndata:\n\n: a comment\r\nevent: endpoint\r\ndata: /a?b\r\n\r\n" +
  "data: {\rdata:  x\rdata\rid: 2\r\rdata: é💓\nother: y\nid: \0\nretry: soon\n\ndata: unfinished\n";

it("a stream of events is read the same, however it is divided", () => {
  const bytes = Buffer.from(STREAM);
  const expected: [string, string][] = [
    ["endpoint", "/a?b"],
    ["", "{\n x\n"],
    ["", "é💓"],
  ];
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const { events, decoder } = read(ends.slice(1).map((end, index) => bytes.subarray(ends[index], end)));
      expect(events).toEqual(expected);
      expect(decoder).toMatchObject({ lastId: "2", retryMs: 250 });
    }),
  );
});

it("an event that is too large is skipped, and the next one is read", () => {
  const part = Buffer.alloc(1024 * 1024, "x");
  const long = Array.from({ length: 66 }, () => part);
  const { events, tooLarge } = read([Buffer.from("data: "), ...long, Buffer.from("\n\ndata: next\n\n")]);
  expect(events).toEqual([["", "next"]]);
  expect(tooLarge).toBe(1);
});
