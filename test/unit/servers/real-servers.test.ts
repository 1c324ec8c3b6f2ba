import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

import { ServersUnderTest } from "./hosted.js";

const PACKAGES = resolve("node_modules/@modelcontextprotocol");
const real = (name: string, args: string[] = []) => ({
  command: process.execPath,
  args: [join(PACKAGES, name, "dist/index.js"), ...args],
});

describe("a published server", () => {
  it("server-memory remembers for all clients what one of them stored", async () => {
    const file = (dir: string): string => join(dir, "memory.jsonl");
    const under = new ServersUnderTest({});
    under.configure({ memory: { ...real("server-memory"), env: { MEMORY_FILE_PATH: file(under.dir) } } });
    const [a, b] = [under.connect("memory"), under.connect("memory")];
    await a.call("create_entities", { entities: [{ name: "Ada", entityType: "person", observations: ["counts"] }] });
    expect(await b.call("search_nodes", { query: "ada" })).toContain("counts");
    expect(existsSync(file(under.dir)) && readFileSync(file(under.dir), "utf8")).toContain("Ada");
  });

  it("server-everything with a process for each client asks it for a sample during a call", async () => {
    const under = new ServersUnderTest({
      all: { ...real("server-everything", ["stdio"]), lockstep: { share: "session" } },
    });
    const client = under.connect("all", { capabilities: { sampling: {} } });
    client.onRequest = ({ method }) =>
      method === "sampling/createMessage"
        ? { role: "assistant", model: "m", content: { type: "text", text: "a sample" } }
        : { roots: [] };
    const tools = (await client.request("tools/list")).result?.["tools"] as { name: string }[];
    const sampling = tools.find(({ name }) => /sampl/i.test(name))?.name ?? "";
    expect(await client.call(sampling, { prompt: "p", maxTokens: 5 })).toContain("a sample");
    expect((await client.request("resources/list")).result?.["resources"]).not.toHaveLength(0);
  });

  it("server-everything's question is answered by a client that can, and declined for one that cannot", async () => {
    const under = new ServersUnderTest({ all: real("server-everything", ["stdio"]) });
    const able = under.connect("all", { capabilities: { elicitation: {} } });
    able.onRequest = () => ({ action: "accept", content: { name: "Ada" } });
    expect(await able.call("trigger-elicitation-request")).toContain("provided the requested information");
    const unable = under.connect("all");
    expect(await unable.call("trigger-elicitation-request")).toContain("declined");
  });

  it("server-filesystem keeps the directories that it was started with", async () => {
    const under = new ServersUnderTest({});
    under.configure({ files: real("server-filesystem", [under.dir]) });
    const client = under.connect("files", { capabilities: { roots: { listChanged: true } } });
    client.onRequest = () => ({ roots: [{ uri: "file:///etc" }] });
    expect(await client.call("list_allowed_directories")).toContain(under.dir);
    expect(await client.call("list_allowed_directories")).not.toContain("/etc");
  });
});
