/** A list that a server offers and a client reads page by page. */
export interface McpList {
  /** The member of the result that holds the items. */
  key: string;
  /** The server capability that the list belongs to. */
  capability: ListCapability;
  /** The member that identifies an item. Names of different servers may be equal; URIs may not. */
  identifiedBy: "name" | "uri" | "uriTemplate";
}

/** Every list, by the request that reads it. */
export const LISTS = {
  "tools/list": { key: "tools", capability: "tools", identifiedBy: "name" },
  "prompts/list": { key: "prompts", capability: "prompts", identifiedBy: "name" },
  "resources/list": { key: "resources", capability: "resources", identifiedBy: "uri" },
  "resources/templates/list": { key: "resourceTemplates", capability: "resources", identifiedBy: "uriTemplate" },
} as const satisfies Record<string, McpList>;

export type ListMethod = keyof typeof LISTS;

export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(LISTS, method);
}

/** The capabilities with lists. For each there is a notification that a list changed. */
export const LIST_CAPABILITIES = ["tools", "prompts", "resources"] as const;

export type ListCapability = (typeof LIST_CAPABILITIES)[number];

/** True for such a notification, which is for every client. */
export function isListChange(method: string): boolean {
  return LIST_CAPABILITIES.some((capability) => method === listChanged(capability));
}

/** The method of that notification. */
export function listChanged(capability: ListCapability): string {
  return `notifications/${capability}/list_changed`;
}
