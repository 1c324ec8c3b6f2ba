import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { sessionBusSockets } from "./address.js";
import { decodeMessage, encodeMessage, messageLength, type BusMessage } from "./message.js";

/** Everything of a message to send but its serial. */
export type Outgoing = Omit<BusMessage, "serial">;

/** A connection to the session bus. Its process may end at any time: the bus notices it. */
export interface BusConnection {
  /** The connection's unique name on the bus. */
  readonly name: string;
  send(message: Outgoing): void;
  /** Sends a call. Resolves with the values of the reply; rejects with the error's name and text, or at the end. */
  call(message: Omit<Outgoing, "kind">): Promise<readonly unknown[]>;
  /** Calls `listener` for each signal, and for each call from another program. */
  onMessage(listener: (message: BusMessage) => void): void;
  /** Resolves once the connection has ended, whatever the reason. */
  readonly ended: Promise<void>;
  close(): void;
}

const BUS = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  face: "org.freedesktop.DBus",
} as const;

/** Connects to the session bus that `env` names. Rejects without one, or after `withinMs`. */
export async function connectToSessionBus(env: NodeJS.ProcessEnv, withinMs: number): Promise<BusConnection> {
  const problems: string[] = [];
  for (const path of sessionBusSockets(env)) {
    const socket = connect(path);
    socket.on("error", () => undefined);
    const late = setTimeout(() => socket.destroy(new Error(`no answer within ${withinMs} ms`)), withinMs);
    try {
      await once(socket, "connect");
      const rest = await authenticate(socket);
      const connection = converse(socket, rest);
      const [name] = await connection.call({ ...BUS, member: "Hello", signature: "", body: [] });
      return { ...connection, name: name as string };
    } catch (error) {
      socket.destroy();
      problems.push(`${path}: ${(error as Error).message}`);
    } finally {
      clearTimeout(late);
    }
  }
  throw new Error(`The session bus cannot be reached (${problems.join("; ") || "no address is known"}).`);
}

/** Asks the bus for the messages that match `rule`. */
export async function addMatch(connection: BusConnection, rule: string): Promise<void> {
  await connection.call({ ...BUS, member: "AddMatch", signature: "s", body: [rule] });
}

/** Proves who the user is by the socket's credentials. Resolves with bytes that follow the bus's answer. */
async function authenticate(socket: Socket): Promise<Buffer> {
  const user = Buffer.from(String(process.getuid?.() ?? "")).toString("hex");
  socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
  const ended = endOf(socket);
  let got = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    const [chunk] = (await once(socket, "data", { signal: ended })) as [Buffer];
    got = Buffer.concat([got, chunk]);
    end = got.indexOf("\r\n");
  }
  const answer = got.toString("latin1", 0, end);
  if (!answer.startsWith("OK ")) throw new Error(`the bus refused the connection: ${answer}`);
  socket.write("BEGIN\r\n");
  return got.subarray(end + 2);
}

/** Aborts when the socket closes: `once` notices errors only. */
function endOf(socket: Socket): AbortSignal {
  const ended = new AbortController();
  socket.once("close", () => ended.abort(new Error("the bus closed the connection")));
  return ended.signal;
}

function converse(socket: Socket, rest: Buffer): Omit<BusConnection, "name"> {
  const waiting = new Map<number, { resolve: (body: readonly unknown[]) => void; reject: (error: Error) => void }>();
  const listeners: ((message: BusMessage) => void)[] = [];
  let serial = 0;
  const send = (message: Outgoing): number => {
    serial++;
    if (!socket.destroyed) socket.write(encodeMessage({ ...message, serial }));
    return serial;
  };
  const take = (message: BusMessage): void => {
    const call = message.replyTo === undefined ? undefined : waiting.get(message.replyTo);
    if (message.replyTo === undefined) {
      for (const listener of listeners) listener(message);
      return;
    }
    waiting.delete(message.replyTo);
    // The text of an error is its first value.
    const [text] = message.body;
    if (message.kind === "error") call?.reject(new Error(`${message.error}: ${typeof text === "string" ? text : ""}`));
    else call?.resolve(message.body);
  };
  onMessages(socket, rest, take);
  const ended = new Promise<void>((resolve) => {
    socket.once("close", () => {
      for (const { reject } of waiting.values()) reject(new Error("the connection to the session bus ended"));
      waiting.clear();
      resolve();
    });
  });
  return {
    send: (message) => void send(message),
    call: (message) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error("the connection to the session bus ended"));
        waiting.set(send({ kind: "call", ...message }), { resolve, reject });
      }),
    onMessage: (listener) => void listeners.push(listener),
    ended,
    close: () => socket.destroy(),
  };
}

/** Divides the stream into messages. What cannot be read ends the connection, since nothing after it can be. */
function onMessages(socket: Socket, rest: Buffer, take: (message: BusMessage) => void): void {
  let got = rest;
  const divide = (): void => {
    try {
      for (let length = messageLength(got); length !== undefined && got.length >= length; length = messageLength(got)) {
        const message = decodeMessage(got.subarray(0, length));
        got = got.subarray(length);
        take(message);
      }
    } catch (error) {
      socket.destroy(error as Error);
    }
  };
  socket.on("data", (chunk: Buffer) => {
    got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
    divide();
  });
  divide();
}
