import type { Readable } from "node:stream";

import { BodyTooLarge, framesIn } from "./bodies.js";
import { EventDecoder } from "./events.js";
import type { Post } from "./post.js";
import type { HttpLink } from "./transport.js";

/** Where a stream can be resumed, and how long its server asks to wait before that, ms. */
export interface Cursor {
  lastId: string | undefined;
  retryMs: number | undefined;
}

/**
 * Delivers the messages in a stream of events until it ends. `post`: it is the response to that frame. Resolves to
 * whether there were any; rejects when the connection breaks.
 */
export async function readMessages(link: HttpLink, body: Readable, cursor: Cursor, post?: Post): Promise<boolean> {
  let hadMessages = false;
  const decoder = new EventDecoder(
    ({ type, data }) => {
      if (type !== "" && type !== "message") return;
      hadMessages = true;
      for (const frame of framesIn(data)) link.deliver(frame, post);
    },
    () => {
      if (post?.isRequest) link.fail(post, new BodyTooLarge());
      else link.log("HTTP: skipped an event of more than 64 MiB");
    },
  );
  const reader = link.reading.start();
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      decoder.push(chunk);
      cursor.lastId = decoder.lastId ?? cursor.lastId;
      cursor.retryMs = decoder.retryMs ?? cursor.retryMs;
      await reader.turn(decoder.keptBytes);
    }
  } finally {
    reader.end();
  }
  return hadMessages;
}
