import { asObject } from "../../wire/message.js";

/** A tool's result, read leniently, so that something is shown whatever the server sends. */
export interface ToolResult {
  isError: boolean;
  /** MCP content blocks, including types that are not known here. */
  content: readonly Record<string, unknown>[];
  structured: unknown;
}

export function readToolResult(answer: unknown): ToolResult {
  const { isError, content, structuredContent } = asObject(answer);
  return {
    isError: isError === true,
    content: Array.isArray(content) ? (content as unknown[]).map(asObject) : [],
    structured: structuredContent,
  };
}

/** Saves base64 data to a file and returns its path. */
export type SaveAttachment = (base64: string, mimeType: string | undefined) => string;

/** The result as text, block by block. Without a text block, the structured content is printed as JSON. */
export function resultText({ content, structured }: ToolResult, saveAttachment: SaveAttachment): string {
  const blocks = content.map((block) => blockText(block, saveAttachment));
  if (structured !== undefined && !content.some(({ type }) => type === "text")) {
    blocks.push(JSON.stringify(structured, undefined, 2));
  }
  return blocks.map((block) => (block.endsWith("\n") ? block : `${block}\n`)).join("");
}

function blockText(block: Record<string, unknown>, saveAttachment: SaveAttachment): string {
  switch (block["type"]) {
    case "text":
      return asText(block["text"]) ?? "";
    case "image":
    case "audio":
      return saveAttachment(asText(block["data"]) ?? "", asText(block["mimeType"]));
    case "resource":
      return resourceText(asObject(block["resource"]), saveAttachment);
    case "resource_link":
      return [block["uri"], block["title"] ?? block["name"], block["description"]].flatMap(asTexts).join("  ");
    default:
      return JSON.stringify(block);
  }
}

function resourceText(resource: Record<string, unknown>, saveAttachment: SaveAttachment): string {
  const { text, blob, uri, mimeType } = resource;
  if (typeof text === "string") return text;
  if (typeof blob === "string") return saveAttachment(blob, asText(mimeType));
  return asText(uri) ?? JSON.stringify(resource);
}

function asTexts(value: unknown): string[] {
  const text = asText(value);
  return text === undefined ? [] : [text.split("\n", 1)[0] ?? ""];
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
