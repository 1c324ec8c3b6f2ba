import { statSync } from "node:fs";

import { formatProblem } from "../../config/problem.js";
import { redactor } from "../../config/secrets/redactor.js";
import type { ServerConfig } from "../../config/server-config.js";
import { loadServers } from "../../config/load-servers.js";
import { readLoginEnvironment } from "../../state/login-environment.js";
import { ownBinary } from "../../install/own-binary.js";
import { findOnPath } from "./on-path.js";
import type { Check, DoctorContext } from "./check.js";

/** The configuration as the daemon would read it, and the state of the servers in the running daemon. */
export async function serverChecks({ spec, env: own, report }: DoctorContext): Promise<Check[]> {
  const file = spec.paths.servers;
  // Hosted servers run in the login environment. What this terminal has exported is not theirs.
  const { env, problem } = await readLoginEnvironment({ env: own, signal: AbortSignal.timeout(LOGIN_SHELL_MS) });
  const loaded = await loadServers(file, {
    env: () => env,
    installRoot: spec.installed().root,
    stateDir: spec.paths.dir,
    execPath: ownBinary(),
  });
  const checks: Check[] = problem === undefined ? [] : [loginProblem(problem)];
  const ofFile = loaded.problems.map((problem): Check => ({
    what: "servers.json",
    status: problem.severity === "error" ? "problem" : "note",
    found: formatProblem(file, problem),
    ...(problem.severity === "error" && { fix: `edit ${file}` }),
  }));
  checks.push(...ofFile);
  if (ofFile.length === 0) {
    const found =
      loaded.text === undefined
        ? "not there, so the builtin memory server is hosted"
        : `${loaded.servers.size} servers`;
    checks.push({ what: "servers.json", status: "ok", found });
  }
  for (const [name, config] of loaded.servers) {
    const clean = redactor(config);
    for (const check of programChecks(name, config, env)) {
      checks.push({ ...check, found: clean(check.found), ...(check.fix !== undefined && { fix: clean(check.fix) }) });
    }
  }
  for (const { name, state, problem } of report?.servers ?? []) {
    if (state !== "backoff") continue;
    checks.push({ what: `server ${name}`, status: "problem", found: problem ?? "it crashed", fix: "lockstep logs" });
  }
  return checks;
}

/** As long as a daemon waits for the shell before it starts a server without it. */
const LOGIN_SHELL_MS = 5_000;

function loginProblem(problem: string): Check {
  const found = `could not be read ${problem}`;
  const fix = "correct your shell's start-up files; until then servers get only what the daemon itself has";
  return { what: "login environment", status: "problem", found, fix };
}

function programChecks(name: string, config: ServerConfig, env: NodeJS.ProcessEnv): Check[] {
  const what = `server ${name}`;
  if (config.kind === "url") return [{ what, status: "ok", found: `remote, ${new URL(config.url).host}` }];
  const { command, cwd } = config;
  if (cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    return [
      { what, status: "problem", found: `its cwd ${cwd} is not a directory`, fix: `mkdir -p "${cwd}", or change cwd` },
    ];
  }
  const [program] = findOnPath(command, { ...env, ...config.env });
  if (program !== undefined) return [{ what, status: "ok", found: program }];
  if (/\s\S/.test(command)) {
    const found = `there is no program called "${command}"`;
    return [{ what, status: "problem", found, fix: 'move the arguments from "command" to "args" in servers.json' }];
  }
  const where = command.includes("/") ? "is not an executable file" : "is not on the PATH of your login environment";
  return [
    {
      what,
      status: "problem",
      found: `${command} ${where}`,
      fix: `install ${command}, or use its absolute path in servers.json`,
    },
  ];
}
