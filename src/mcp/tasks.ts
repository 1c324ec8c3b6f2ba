import {
  paramsOf,
  parseSpan,
  readEnvelope,
  replaceSpans,
  type Envelope,
  type ResponseEnvelope,
} from "../wire/envelope.js";
import type { Span } from "../wire/json-scan.js";
import { asObject } from "../wire/message.js";
import { elementSpans, memberSpan, nestedSpan } from "./span.js";

/** What a server says of a task. */
export interface TaskState {
  id: string;
  isDone: boolean;
  isCancelled: boolean;
  /** How long the server keeps it from its creation, ms. */
  ttlMs: number;
}

/** Reads a task as results and notifications have it; undefined for anything else. */
export function readTask(value: unknown): TaskState | undefined {
  const { taskId, status, ttl } = asObject(value);
  if (typeof taskId !== "string") return undefined;
  return {
    id: taskId,
    isDone: status === "completed" || status === "failed" || status === "cancelled",
    isCancelled: status === "cancelled",
    ttlMs: typeof ttl === "number" ? ttl : Infinity,
  };
}

/** True when a request asks for a task in place of its result. */
export function asksForTask(raw: Buffer, params: Span | undefined): boolean {
  // Most frames hold the key nowhere, and searching for its bytes is cheaper than walking the object.
  return params !== undefined && raw.includes(TASK_KEY, params.start) && memberSpan(raw, params, "task") !== undefined;
}

/** The task in the answer to a request that asked for one, parsed. */
export function createdTask({ raw, result }: ResponseEnvelope): unknown {
  return parseSpan(raw, nestedSpan(raw, result, ["task"]));
}

/** `params.taskId` of a request or notification about a task. */
export function taskIdOf(envelope: Envelope): string | undefined {
  const { taskId } = asObject(paramsOf(envelope));
  return typeof taskId === "string" ? taskId : undefined;
}

/** The task to which a message belongs: `_meta["io.modelcontextprotocol/related-task"].taskId` of its params. */
export function relatedTask(raw: Buffer, params: Span | undefined): string | undefined {
  if (params === undefined || !raw.includes(RELATED_TASK, params.start)) return undefined;
  const id = parseSpan(raw, nestedSpan(raw, params, ["_meta", RELATED_TASK, "taskId"]));
  return typeof id === "string" ? id : undefined;
}

/** The answer to `tasks/list` with only those tasks whose id is accepted; every other byte stays. */
export function withTasks(response: ResponseEnvelope, isShown: (id: string) => boolean): ResponseEnvelope {
  const { raw, result } = response;
  const list = result && memberSpan(raw, result, "tasks");
  if (list === undefined) return response;
  const shown = elementSpans(raw, list).filter((span) => {
    const id = parseSpan(raw, memberSpan(raw, span, "taskId"));
    return typeof id === "string" && isShown(id);
  });
  const text = `[${shown.map(({ start, end }) => raw.toString("utf8", start, end)).join(",")}]`;
  return reread(response, [{ span: list, text }]);
}

function reread(response: ResponseEnvelope, edits: { span: Span; text: string }[]): ResponseEnvelope {
  const envelope = readEnvelope(replaceSpans(response.raw, edits));
  return envelope.kind === "response" ? envelope : response;
}

const TASK_KEY = Buffer.from('"task"');
const RELATED_TASK = "io.modelcontextprotocol/related-task";
