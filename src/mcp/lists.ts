/** A list of what a server offers, as a client reads it page by page. */
export interface McpList {
  /** The member of the result that holds the items. */
  key: string;
  /** The server capability that the list belongs to. */
  capability: "tools" | "prompts" | "resources";
  /** What tells the items of different servers apart: names may collide, URIs may not. */
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

/** Capabilities whose lists may change; `notifications/…/list_changed` exists for each. */
export const LIST_CAPABILITIES = ["tools", "prompts", "resources"] as const;

/** The method of the notification that a list changed. */
export function listChanged(capability: (typeof LIST_CAPABILITIES)[number]): string {
  return `notifications/${capability}/list_changed`;
}
