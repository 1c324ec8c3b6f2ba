import { elementTexts, indented, memberText } from "../../../text/json-text.js";
import { asObject } from "../../../wire/message.js";
import { parseJson } from "../plain-call.js";

/** A tool's result, read leniently, so that something is shown whatever the server sends. */
export interface ToolResult {
  isError: boolean;
  /** MCP content blocks, including types that are not known here. */
  content: readonly Block[];
  /** The structured content as JSON text. */
  structured: string | undefined;
}

interface Block {
  members: Record<string, unknown>;
  /** The block as JSON text. */
  json: string;
}

/** Reads a result that is given as JSON text. */
export function readToolResult(answer: string): ToolResult {
  const { isError, content } = asObject(parseJson(answer));
  const blocks = Array.isArray(content) ? elementTexts(memberText(answer, "content") ?? "[]") : [];
  return {
    isError: isError === true,
    content: blocks.map((json) => ({ members: asObject(parseJson(json)), json })),
    structured: memberText(answer, "structuredContent"),
  };
}

/** Saves base64 data to a file and returns its path. */
export type SaveAttachment = (base64: string, mimeType: string | undefined) => string;

/** The result as text, block by block. Without a text block, the structured content is printed as JSON. */
export function resultText({ content, structured }: ToolResult, saveAttachment: SaveAttachment): string {
  const blocks = content.map((block) => blockText(block, saveAttachment));
  if (structured !== undefined && !content.some(({ members }) => members["type"] === "text")) {
    blocks.push(indented(structured));
  }
  return blocks.map((block) => (block.endsWith("\n") ? block : `${block}\n`)).join("");
}

function blockText({ members: block, json }: Block, saveAttachment: SaveAttachment): string {
  switch (block["type"]) {
    case "text":
      return asText(block["text"]) ?? "";
    case "image":
    case "audio":
      return saveAttachment(asText(block["data"]) ?? "", asText(block["mimeType"]));
    case "resource":
      return resourceText(asObject(block["resource"]), json, saveAttachment);
    case "resource_link":
      return [block["uri"], block["title"] ?? block["name"], block["description"]].flatMap(asTexts).join("  ");
    default:
      return json;
  }
}

function resourceText(resource: Record<string, unknown>, json: string, saveAttachment: SaveAttachment): string {
  const { text, blob, uri, mimeType } = resource;
  if (typeof text === "string") return text;
  if (typeof blob === "string") return saveAttachment(blob, asText(mimeType));
  return asText(uri) ?? memberText(json, "resource") ?? json;
}

function asTexts(value: unknown): string[] {
  const text = asText(value);
  return text === undefined ? [] : [text.split("\n", 1)[0] ?? ""];
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
