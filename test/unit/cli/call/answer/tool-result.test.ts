import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { extensionOf, saveAttachment } from "../../../../../src/cli/call/answer/saved-attachment.js";
import { readToolResult, resultText } from "../../../../../src/cli/call/answer/tool-result.js";

const textOf = (json: string) => resultText(readToolResult(json), (data, type) => `/tmp/file of ${type} ${data}`);
const text = (result: unknown) => textOf(JSON.stringify(result));

describe("a tool's result as text", () => {
  it("text blocks are printed, each ended by one newline", () => {
    expect(
      text({
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b\n" },
        ],
      }),
    ).toBe("a\nb\n");
  });

  it("images, audio and blobs are printed as the paths of the files that they were saved to", () => {
    const content = [
      { type: "image", data: "AAAA", mimeType: "image/png" },
      { type: "audio", data: "BBBB", mimeType: "audio/wav" },
      { type: "resource", resource: { uri: "x:1", blob: "CCCC", mimeType: "application/pdf" } },
    ];
    expect(text({ content }).split("\n").slice(0, 3)).toEqual([
      "/tmp/file of image/png AAAA",
      "/tmp/file of audio/wav BBBB",
      "/tmp/file of application/pdf CCCC",
    ]);
  });

  it("resources and resource links are printed", () => {
    const content = [
      { type: "resource", resource: { uri: "x:1", text: "inside" } },
      { type: "resource_link", uri: "x:2", name: "two", description: "the second\nmore" },
    ];
    expect(text({ content })).toBe("inside\nx:2  two  the second\n");
  });

  it("structured content is printed only if there is no text", () => {
    expect(text({ content: [], structuredContent: { a: 1 } })).toBe('{\n  "a": 1\n}\n');
    expect(text({ content: [{ type: "text", text: "t" }], structuredContent: { a: 1 } })).toBe("t\n");
  });

  it("numbers of any size in structured content and unknown blocks keep their digits", () => {
    expect(textOf('{"content":[],"structuredContent":{"id":1915883588174806123,"x":1.10}}')).toBe(
      '{\n  "id": 1915883588174806123,\n  "x": 1.10\n}\n',
    );
    expect(textOf('{"content":[{"type":"new","n":12345678901234567890}]}')).toBe(
      '{"type":"new","n":12345678901234567890}\n',
    );
  });

  it("unknown blocks are printed as JSON, and malformed results do not fail", () => {
    expect(text({ content: [{ type: "smell", data: "x" }] })).toBe('{"type":"smell","data":"x"}\n');
    expect(text(null)).toBe("");
    expect(text({ content: "no array" })).toBe("");
  });
});

describe("saved attachments", () => {
  it("attachments are private, never overwritten, and named after tool and type", () => {
    const first = saveAttachment("get/tiny image", Buffer.from("one").toString("base64"), "image/png");
    const second = saveAttachment("get/tiny image", Buffer.from("two").toString("base64"), "image/png");
    try {
      expect(first).toMatch(/\/lockstep-get_tiny_image-\d+\.png$/);
      expect(second).not.toBe(first);
      expect(readFileSync(second, "utf8")).toBe("two");
      expect(statSync(first).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(first);
      rmSync(second);
    }
    expect(existsSync(first)).toBe(false);
  });

  it.each([
    ["image/jpeg", ".jpg"],
    ["image/png", ".png"],
    ["text/plain; charset=utf-8", ".txt"],
    ["application/x-tar", ".tar"],
    ["application/vnd.ms-excel", ".bin"],
    ["../../../etc/passwd", ".bin"],
    [undefined, ".bin"],
  ])("an attachment of type %s ends in %s", (type, extension) => {
    expect(extensionOf(type)).toBe(extension);
  });
});
