import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, vi } from "vitest";

import type { ServerEntry } from "../../../src/config/edit-servers.js";
import {
  HostedServers,
  type HostedChild,
  type HostedServersOptions,
  type Session,
} from "../../../src/servers/hosted-servers.js";
import type { Breadcrumb } from "../../../src/log/breadcrumbs.js";
import type { ServerStatus } from "../../../src/wire/control.js";
import { readEnvelope } from "../../../src/wire/envelope.js";
import { FACT_MS } from "../../fixtures/bounds.js";

const COUNTER = resolve("test/fixtures/servers/counter.mjs");

/** An answer, a notification or a request of the server, as a client gets it. */
export interface Message {
  id?: string | number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown> & { content?: { text: string }[] };
  error?: { code: number; message: string; data?: Record<string, unknown> };
}

/** The fixture server as an entry of servers.json. */
export function counter(env: Record<string, string> = {}, lockstep: object = {}): ServerEntry {
  return { command: process.execPath, args: [COUNTER], env, lockstep };
}

/** Hosted servers with their own state directory; ended, and checked for leftovers, with the test. */
export class ServersUnderTest {
  readonly dir = mkdtempSync(join(tmpdir(), "servers-"));
  readonly file = join(this.dir, "servers.json");
  /** The fixture servers write the calls that they execute to this file. */
  readonly record = join(this.dir, "record");
  readonly log: string[] = [];
  readonly breadcrumbs: Breadcrumb[] = [];
  children: HostedChild[] = [];
  readonly servers: HostedServers;

  constructor(servers: Record<string, ServerEntry>, options: Partial<HostedServersOptions> = {}) {
    this.configure(servers);
    this.servers = new HostedServers({
      stateDir: this.dir,
      serversFile: this.file,
      installRoot: resolve("dist"),
      execPath: process.execPath,
      version: "0.0.0-test",
      env: async () => ({ ...(process.env as Record<string, string>), COUNTER_FILE: this.record }),
      log: (level, component, text) => this.log.push(`${level} ${component}: ${text}`),
      breadcrumb: (breadcrumb) => this.breadcrumbs.push(breadcrumb),
      onChildrenChanged: (children) => (this.children = children),
      onChanged: () => undefined,
      ...options,
    });
    onTestFinished(async () => {
      await this.servers.stop(600);
      rmSync(this.dir, { recursive: true, force: true });
    });
  }

  configure(servers: Record<string, ServerEntry>): void {
    writeFileSync(this.file, JSON.stringify({ mcpServers: servers }));
  }

  connect(server: string | undefined, options: ClientOptions = {}): TestClient {
    return new TestClient(this.servers, server, options);
  }

  status(name: string): ServerStatus {
    const found = this.servers.status().find((server) => server.name === name);
    if (found === undefined) throw new Error(`no status of ${name}`);
    return found;
  }

  /** The lines that the fixture servers wrote, without their starts. */
  executed(): string[] {
    const lines = existsSync(this.record) ? readFileSync(this.record, "utf8").trim().split("\n") : [];
    return lines.filter((line) => line !== "" && !line.startsWith("start "));
  }

  starts(): number[] {
    const lines = existsSync(this.record) ? readFileSync(this.record, "utf8").split("\n") : [];
    return lines.filter((line) => line.startsWith("start ")).map((line) => Number(line.slice(6)));
  }
}

export interface ClientOptions {
  protocolVersion?: string;
  capabilities?: Record<string, unknown>;
  /** False: reads nothing, as if its socket's buffer were full. */
  reading?: boolean;
}

/** A client's end of a session. */
export class TestClient {
  readonly session: Session;
  readonly received: Message[] = [];
  readonly raw: string[] = [];
  /** Answers the server's requests; without it they stay open. */
  onRequest: ((message: Message) => unknown) | undefined;
  killed: Error | undefined;
  paused = false;
  /** Bytes that a client which does not read has not taken. */
  buffered = 0;
  readonly #waiting = new Map<string | number, (answer: Message) => void>();
  #nextId = 1;

  constructor(
    servers: HostedServers,
    server: string | undefined,
    { protocolVersion = "2025-11-25", capabilities = {}, reading = true }: ClientOptions,
  ) {
    this.session = servers.openSession(server, {
      send: (frame) => {
        if (!reading) {
          this.buffered += frame.length;
          return this.buffered < 256 * 1024;
        }
        this.#take(frame.toString());
        return true;
      },
      bufferedBytes: () => this.buffered,
      onDrain: () => undefined,
      pause: () => (this.paused = true),
      resume: () => (this.paused = false),
      protocolVersion,
      clientInfo: { name: "test", version: "1" },
      capabilities,
      kill: (error) => (this.killed = error),
    });
  }

  request(method: string, params?: object, id: string | number = this.#nextId++): Promise<Message> {
    const answered = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.send({ id, method, params });
    return answered;
  }

  /** Calls a tool and gives the text of its answer, or throws the error. */
  async call(name: string, args: object = {}): Promise<string> {
    const answer = await this.request("tools/call", { name, arguments: args });
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.result?.content?.[0]?.text ?? "";
  }

  notify(method: string, params?: object): void {
    this.send({ method, params });
  }

  send(message: object): void {
    this.sendRaw(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  sendRaw(text: string): void {
    this.session.handle(readEnvelope(Buffer.from(text)));
  }

  /** Notifications of a method, in the order in which they came. */
  heard(method: string): Message[] {
    return this.received.filter((message) => message.method === method);
  }

  #take(text: string): void {
    this.raw.push(text);
    const message = JSON.parse(text) as Message;
    this.received.push(message);
    if (message.method === undefined) {
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
      return;
    }
    if (message.id === undefined || this.onRequest === undefined) return;
    const { id } = message;
    void Promise.resolve(this.onRequest(message)).then((result) => this.send({ id, result }));
  }
}

/** Waits until the check passes. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: FACT_MS, interval: 5 });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function expectGone(pid: number): Promise<void> {
  await eventually(() => expect(isAlive(pid)).toBe(false));
}
