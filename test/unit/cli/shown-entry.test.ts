import { expect, it } from "vitest";
import { withoutSecrets } from "../../../src/cli/shown-entry.js";

it("an entry is shown without its secrets, and with the variables that it names", () => {
  const entry = {
    command: "npx",
    args: ["server", "--api-key", "s3cr3t-arg"],
    env: { TOKEN: "s3cr3t-env", FROM: "${TOKEN}" },
    headers: { Authorization: "Bearer s3cr3t-header" },
    url: "https://user:s3cr3t-pass@x.example/mcp?key=s3cr3t-query",
    lockstep: { idle: "1h" },
  };
  const shown = withoutSecrets(JSON.stringify(entry));
  expect(shown).not.toContain("s3cr3t");
  expect(JSON.parse(shown)).toMatchObject({
    command: "npx",
    env: { TOKEN: "…", FROM: "${TOKEN}" },
    lockstep: { idle: "1h" },
  });
});
