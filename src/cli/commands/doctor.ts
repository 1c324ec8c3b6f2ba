import { reportStatus } from "../../client/connect/status-report.js";
import { runChecks, type Check, type DoctorContext } from "../doctor/check.js";
import { daemonChecks, historyChecks } from "../doctor/daemon-checks.js";
import { directoryChecks } from "../doctor/directory-checks.js";
import { serverChecks } from "../doctor/server-checks.js";
import {
  environmentChecks,
  installationChecks,
  lockChecks,
  platformChecks,
  watchChecks,
} from "../doctor/system-checks.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { counted } from "../../text/count.js";
import type { Style, Terminal } from "../terminal/terminal.js";

export async function run(invocation: Invocation<"doctor">): Promise<number> {
  const { terminal, json } = invocation;
  const checks = await examine(invocation);
  const problems = checks.filter(({ status }) => status === "problem").length;
  if (json) terminal.printJson({ ok: problems === 0, checks });
  else {
    for (const check of checks) printCheck(terminal, check);
    terminal.print(`\n${problems === 0 ? "all fine" : counted(problems, "problem")}`);
  }
  return problems === 0 ? EXIT.done : EXIT.failed;
}

async function examine(invocation: Invocation<"doctor">): Promise<Check[]> {
  const checks = await runChecks("platform", platformChecks);
  const context: DoctorContext = { spec: specOf(invocation), env: process.env, report: undefined, now: Date.now() };
  const groups: [what: string, group: (context: DoctorContext) => Check[] | Promise<Check[]>][] = [
    ["installation", installationChecks],
    ["environment", environmentChecks],
    ["state directory", directoryChecks],
    ["locks", lockChecks],
    ["inotify", watchChecks],
    ["daemon", daemonChecks],
    ["restarts", historyChecks],
    ["servers.json", serverChecks],
  ];
  checks.push(
    ...(await runChecks("daemon", async () => {
      context.report = await reportStatus(context.spec, "cli");
      return [];
    })),
  );
  for (const [what, group] of groups) checks.push(...(await runChecks(what, () => group(context))));
  return withoutRepeats(checks);
}

/** A broken state directory makes several checks fail with the same message. */
function withoutRepeats(checks: readonly Check[]): Check[] {
  const found = new Set<string>();
  return checks.filter((check) => !found.has(check.found) && found.add(check.found));
}

const MARK: Record<Check["status"], { mark: string; style: Style }> = {
  ok: { mark: "✓", style: "green" },
  note: { mark: "i", style: "cyan" },
  problem: { mark: "✗", style: "red" },
};
const WHAT_WIDTH = 18;

function printCheck(terminal: Terminal, { what, status, found, fix }: Check): void {
  const { mark, style } = MARK[status];
  terminal.print(`${terminal.paint(style, mark)} ${what.padEnd(WHAT_WIDTH)} ${found}`);
  if (fix !== undefined) terminal.print(`${" ".repeat(WHAT_WIDTH + 3)}${terminal.paint("dim", `fix: ${fix}`)}`);
}
