import { isListMethod } from "./lists.js";

/**
 * True for a client's request after which the server may keep something for that client, such as a page that it has
 * opened. Editors read all lists and set a level at their start, whether or not they use the server afterwards.
 */
export function usesServer(method: string): boolean {
  return !isListMethod(method) && !PREPARATIONS.includes(method);
}

const PREPARATIONS: readonly string[] = ["logging/setLevel", "server/discover", "subscriptions/listen", "tasks/list"];
