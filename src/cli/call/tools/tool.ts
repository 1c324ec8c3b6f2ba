import { asSchema, type Schema } from "../arguments/schema-alternatives.js";

export interface Tool {
  name: string;
  /** Undefined if the server gives no description. */
  description: string | undefined;
  inputSchema: Schema;
}

/** The tools in a parsed list; what is not a tool is left out. */
export function readTools(list: unknown): Tool[] {
  return Array.isArray(list) ? (list as unknown[]).flatMap(readTool) : [];
}

function readTool(listed: unknown): Tool[] {
  const { name, title, description, inputSchema } = asSchema(listed);
  if (typeof name !== "string") return [];
  const text = [description, title].find((one): one is string => typeof one === "string" && one.trim() !== "");
  return [{ name, description: text, inputSchema: asSchema(inputSchema) }];
}
