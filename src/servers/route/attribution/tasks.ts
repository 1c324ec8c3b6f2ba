import { readTask, type TaskState } from "../../../mcp/tasks.js";
import type { Port } from "../port.js";

/** A client's progress token, and the request that reported it to the server. */
export interface TaskProgress {
  id: number;
  /** The client's token as JSON text. */
  text: string;
}

/** A task that a server's process keeps. */
export interface Task {
  /** Undefined: the client that made it has left. */
  client: Port | undefined;
  isDone: boolean;
  progress: TaskProgress | undefined;
  /** The server forgets the task, of `performance.now()`. */
  until: number;
  /** Its result has been fetched, so nothing is lost when the server ends. */
  isFetched: boolean;
}

/** The tasks of one process, each of which belongs to the client that made it. */
export class Tasks {
  readonly #tasks = new Map<string, Task>();

  get byId(): ReadonlyMap<string, Task> {
    return this.#tasks;
  }

  /** True while a task runs, or keeps a result that was not fetched yet: the server must not be stopped as idle. */
  get areNeeded(): boolean {
    this.#dropExpired();
    return [...this.#tasks.values()].some(({ isFetched }) => !isFetched);
  }

  /** A client's request was answered with a task. */
  add(client: Port, value: unknown, progress: TaskProgress | undefined): void {
    const state = readTask(value);
    if (state === undefined) return;
    this.#dropExpired();
    this.#tasks.set(state.id, { client, isDone: state.isDone, progress, until: untilOf(state), isFetched: false });
  }

  isOf(client: Port, id: string): boolean {
    return this.#tasks.get(id)?.client === client;
  }

  /** The server has reported a task's state, to the client that asked for it or in a notification. */
  update(client: Port | undefined, value: unknown): void {
    const state = readTask(value);
    if (state === undefined) return;
    // Made before the server, or Lockstep, was started anew: it belongs to the client that knows its id.
    if (client !== undefined && !this.#tasks.has(state.id)) this.add(client, value, undefined);
    const task = this.#tasks.get(state.id);
    if (task === undefined) return;
    task.isDone = state.isDone;
    task.isFetched ||= state.isCancelled;
    if (state.isDone) task.progress = undefined;
  }

  /** Its result was delivered. */
  fetched(id: string): void {
    const task = this.#tasks.get(id);
    if (task === undefined) return;
    task.isDone = true;
    task.isFetched = true;
    task.progress = undefined;
  }

  /** False when the task is another client's. One whose client has left becomes that of the client that knows its id. */
  claim(client: Port, id: string): boolean {
    const task = this.#tasks.get(id);
    if (task === undefined) return true;
    task.client ??= client;
    return task.client === client;
  }

  /** Whose progress a token reports that a task's request had. */
  progressOf(requestId: number): { client: Port; text: string } | undefined {
    for (const { client, progress } of this.#tasks.values()) {
      if (progress?.id === requestId) return client && { client, text: progress.text };
    }
    return undefined;
  }

  /** The client has left. */
  forget(client: Port): void {
    for (const task of this.#tasks.values()) if (task.client === client) task.client = undefined;
  }

  /** The server has ended. */
  clear(): void {
    this.#tasks.clear();
  }

  #dropExpired(): void {
    const now = performance.now();
    for (const [id, { until }] of this.#tasks) if (until <= now) this.#tasks.delete(id);
  }
}

function untilOf({ ttlMs }: TaskState): number {
  return performance.now() + Math.min(ttlMs, LONGEST_TASK_MS);
}

/** A task without a lifetime of its own would keep its server running for ever, ms. */
const LONGEST_TASK_MS = 24 * 60 * 60_000;
