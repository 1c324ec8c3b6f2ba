/** What a tool answered, read leniently: whatever a server sends, something of it is shown. */
export interface ToolResult {
  isError: boolean;
  /** Blocks of MCP's content, and those that nobody knows yet. */
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

/** Keeps bytes in a file and says where. */
export type KeepFile = (base64: string, mimeType: string | undefined) => string;

/** The result as text for people, one block after the other. Without any text in it, the structured content as JSON. */
export function resultText({ content, structured }: ToolResult, keepFile: KeepFile): string {
  const blocks = content.map((block) => blockText(block, keepFile));
  if (structured !== undefined && !content.some(({ type }) => type === "text")) {
    blocks.push(JSON.stringify(structured, undefined, 2));
  }
  return blocks.map((block) => (block.endsWith("\n") ? block : `${block}\n`)).join("");
}

function blockText(block: Record<string, unknown>, keepFile: KeepFile): string {
  switch (block["type"]) {
    case "text":
      return asText(block["text"]) ?? "";
    case "image":
    case "audio":
      return keepFile(asText(block["data"]) ?? "", asText(block["mimeType"]));
    case "resource":
      return resourceText(asObject(block["resource"]), keepFile);
    case "resource_link":
      return [block["uri"], block["title"] ?? block["name"], block["description"]].flatMap(asTexts).join("  ");
    default:
      return JSON.stringify(block);
  }
}

function resourceText(resource: Record<string, unknown>, keepFile: KeepFile): string {
  const { text, blob, uri, mimeType } = resource;
  if (typeof text === "string") return text;
  if (typeof blob === "string") return keepFile(blob, asText(mimeType));
  return asText(uri) ?? JSON.stringify(resource);
}

function asTexts(value: unknown): string[] {
  const text = asText(value);
  return text === undefined ? [] : [text.split("\n", 1)[0] ?? ""];
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
