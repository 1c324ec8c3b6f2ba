import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

import { secretsOfFile } from "../../../src/config/secrets/file-secrets.js";
import { scrubbed } from "../../../electron/view/diagnostics/scrub.js";
import { it } from "../../fixtures/it/with-box.js";
import { until } from "../../fixtures/sandbox.js";

const PEM_LINES = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"];

/** Every secret that the configuration below holds, or that a variable in it stands for. */
const SECRETS = {
  databaseUrl: "postgres://app:hunter2pw@db.example/main",
  password: "hunter2pw",
  token: "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
  signing: 'quo"ted\\back slash/ü',
  variable: "from-the-login-environment-1",
  argument: "sk-live-argument-77",
  option: "option-value-4711",
  envFile: "env-file-value-0815",
  header: "bearer-value-5678",
  path: "path-segment-91011",
  query: "query-value-1213",
  user: "user-password-1415",
  first: PEM_LINES[0]!,
  second: PEM_LINES[1]!,
};

/** A server that prints all it knows wherever it can, in every form. */
const TELLTALE = `
  const known = [...Object.entries(process.env).filter(([name]) => /^T_/.test(name)).map(([, value]) => value), ...process.argv.slice(1)];
  const all = known.flatMap((value) => [value, JSON.stringify(value), encodeURIComponent(value), Buffer.from(value).toString("base64")]);
  for (const value of all) process.stderr.write("stderr " + value + "\\n");
  for (const value of all) process.stdout.write("stdout " + value.replaceAll("\\n", " ") + "\\n");
  process.stderr.write("x".repeat(8185) + all[0] + "\\n" + "y".repeat(290) + all[0] + "\\n");
  process.stdin.on("data", (chunk) => {
    for (const line of String(chunk).trim().split("\\n")) {
      const { id, method } = JSON.parse(line);
      const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, ...message }) + "\\n");
      if (method === "initialize" && process.env.REFUSE) send({ error: { code: 1, message: all.join(" ") } });
      else if (method === "initialize")
        send({ result: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: all[0], version: all[1] } } });
      else if (method === "tools/call") { process.stderr.write(all.join("\\n") + "\\n"); process.exit(1); }
      else if (id !== undefined) send({ result: { tools: [] } });
    }
  });`;

it("no secret of the configuration is in the log, in a status, an error or a report, whatever the servers print", async ({
  box,
}) => {
  await using remote = await echoing();
  const { port } = remote.server.address() as AddressInfo;
  const pem = `-----BEGIN PRIVATE KEY-----\n${PEM_LINES.join("\n")}\n-----END PRIVATE KEY-----\n`;
  const home = join(box.root, "home");
  mkdirSync(home);
  writeFileSync(
    join(home, ".profile"),
    `export LOGIN_VALUE='${SECRETS.variable}' LOGIN_ARGUMENT='${SECRETS.argument}'\n`,
  );
  const env = {
    T_URL: SECRETS.databaseUrl,
    T_PAT: SECRETS.token,
    T_SIGNING: SECRETS.signing,
    T_PEM: pem,
    T_V: "${LOGIN_VALUE}",
  };
  const telltale = {
    command: process.execPath,
    args: ["-e", TELLTALE, "--", "${LOGIN_ARGUMENT}", `--token=${SECRETS.option}`],
    env,
  };
  const address = `127.0.0.1:${port}/s/${SECRETS.path}/mcp?key=${SECRETS.query}`;
  box.writeServers({
    crashing: telltale,
    refusing: { ...telltale, env: { ...env, REFUSE: "1" } },
    missing: { command: "/no/such/${LOGIN_VALUE}", args: [] },
    nowhere: { command: "node", cwd: "/no/such/${LOGIN_ARGUMENT}" },
    filed: { command: process.execPath, args: ["-e", "throw new Error(process.env.FILED)"], envFile: "keys.env" },
    remote: { url: `http://${address}`, headers: { Authorization: `Bearer ${SECRETS.header}` } },
    cut: { url: `http://${address}&cut=1`, headers: { Authorization: SECRETS.header } },
    user: { url: `http://me:${SECRETS.user}@${address}` },
    unreachable: { url: `http://127.0.0.1:1/s/${SECRETS.path}/mcp?key=${SECRETS.query}` },
    wrong: { command: "x", env: { A: "${LOGIN_VALUE}${NOT_SET_ANYWHERE}" } },
  });
  writeFileSync(join(box.dir, "keys.env"), `FILED=${SECRETS.envFile}\n`);
  const shell = { HOME: home, SHELL: "/bin/sh" };
  const outputs: string[] = [];
  for (const name of [
    "crashing",
    "refusing",
    "missing",
    "nowhere",
    "filed",
    "remote",
    "cut",
    "user",
    "unreachable",
    "wrong",
  ]) {
    const call = await box.run(["call", name, "any", "{}"], { env: shell });
    expect(call.code, name).not.toBe(0);
    outputs.push(call.stdout, call.stderr);
  }
  await until("the crash is logged", () => box.logLines("exited with code 1").length > 0);
  for (const words of [
    ["servers", "--json"],
    ["servers"],
    ["status", "--json"],
    ["status"],
    ["doctor", "--json"],
    ["logs"],
    ["tools"],
  ]) {
    const { stdout, stderr } = await box.run(words, {
      env: { ...shell, LOGIN_VALUE: SECRETS.variable, LOGIN_ARGUMENT: SECRETS.argument },
    });
    expect(stdout + stderr, words[0]).not.toBe("");
    outputs.push(stdout, stderr);
  }
  outputs.push(box.log());
  const everything = outputs.join("\n");
  expect(everything, "the servers ran and printed").toMatch(/crashing: stderr …[^]*refusing: stderr …/);
  expect(everything).toContain("Server error");
  for (const [name, secret] of Object.entries(SECRETS)) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      expect(everything.includes(form), `${name} as ${form}`).toBe(false);
    }
    for (const before of ["", "-", "--"]) {
      const inside = Buffer.from(before + secret)
        .toString("base64")
        .slice(4, -4);
      expect(everything.includes(inside), `${name} in base64, after ${before}`).toBe(false);
    }
    expect(everything, `${name}, cut off`).not.toMatch(new RegExp(`[xy]${secret.slice(0, 6).replace(/\W/g, ".")}`));
  }

  const nobody = {
    home: tmpdir(),
    user: "",
    host: "",
    secrets: await secretsOfFile(join(box.dir, "servers.json"), {
      LOGIN_VALUE: SECRETS.variable,
      LOGIN_ARGUMENT: SECRETS.argument,
    }),
  };
  const report = scrubbed(Object.values(SECRETS).join("\n"), nobody);
  for (const secret of Object.values(SECRETS)) expect(report).not.toContain(secret);
});

/** A remote server that repeats the whole request in its errors, as many do. */
async function echoing(): Promise<AsyncDisposable & { server: Server }> {
  const server = createServer((request, response) => {
    response.statusCode = request.url?.includes("retry") ? 404 : 500;
    response.setHeader("content-type", "text/plain");
    // A secret wherever a text may be cut off.
    const { authorization = "" } = request.headers;
    const cut = [208, 400, 400].map((length) => authorization.padStart(length, "x")).join("");
    response.end(
      request.url?.includes("cut=1") ? cut : `Server error at ${request.url} ${JSON.stringify(request.headers)}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
