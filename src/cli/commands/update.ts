import { readFileSync } from "node:fs";
import { join } from "node:path";

import { distributionAt, howToUpdate } from "../../install/distribution.js";
import type { UpdateEvent, UpdateResult } from "../../install/update-protocol.js";
import { askApp } from "../update/ask-app.js";
import { untilInstalled } from "../update/until-installed.js";
import { progressLine } from "../call/call-progress.js";
import { EXIT, InterruptedError } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { bytesText } from "../../text/bytes.js";
import { untilInterrupted } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";

export async function run(invocation: Invocation<"update">): Promise<number> {
  const { options, terminal, json } = invocation;
  const result = await ask(invocation, options.check === true ? "check" : "update");
  if (json) terminal.printJson(result);
  else print(terminal, result);
  return result.is === "failed" || result.is === "off" ? EXIT.failed : EXIT.done;
}

/** Ctrl-c does not end an update that has begun, so the message says what happens. */
async function ask(invocation: Invocation<"update">, want: "check" | "update"): Promise<UpdateResult> {
  let begun = false;
  try {
    return await untilInterrupted({ abandon: () => undefined }, () =>
      askFor(want, invocation, (event) => (begun ||= event.is === "downloading" || event.is === "installing")),
    );
  } catch (error) {
    if (!(error instanceof InterruptedError) || !begun) throw error;
    throw new InterruptedError("interrupted; the app finishes the update that it has begun");
  }
}

async function askFor(
  want: "check" | "update",
  invocation: Invocation<"update">,
  heard: (event: UpdateEvent) => void,
): Promise<UpdateResult> {
  const { terminal, json } = invocation;
  const spec = specOf(invocation);
  const distribution = distributionAt(spec.installed().root, stagedFrom(spec.installed().root));
  if (distribution.is !== "appimage" && distribution.is !== "mac") {
    return { is: "off", why: `This installation does not update itself: ${howToUpdate(distribution)}` };
  }
  const binary = distribution.is === "mac" ? distribution.binary : distribution.file;
  const line = progressLine(terminal);
  const reported = new Set<string>();
  const onEvent = (event: UpdateEvent): void => {
    heard(event);
    if (terminal.errIsTerminal && !terminal.quiet) return line.write(eventText(event));
    if (!json && !reported.has(event.is)) terminal.say(eventText(event));
    reported.add(event.is);
  };
  try {
    const result = await askApp(binary, spec.paths, want, onEvent);
    // A relaunched app stages its runtime itself.
    if (result.is === "updated" && !result.relaunched && distribution.is === "appimage") {
      await askApp(result.file, spec.paths, "stage", onEvent);
    }
    if (result.is === "updated" && distribution.is === "mac") {
      // macOS replaces an app only once it has quit.
      await untilInstalled(result.version, () => spec.installed());
    }
    return result;
  } catch (error) {
    return { is: "failed", error: (error as Error).message };
  } finally {
    line.clear();
  }
}

/** The AppImage that a staged runtime was copied from; undefined for any other installation. */
function stagedFrom(root: string): string | undefined {
  try {
    const source = JSON.parse(readFileSync(join(root, "../../source.json"), "utf8")) as { appImage?: unknown };
    return typeof source.appImage === "string" ? source.appImage : undefined;
  } catch {
    return undefined;
  }
}

function eventText(event: UpdateEvent): string {
  switch (event.is) {
    case "checking":
      return "looking for an update";
    case "downloading": {
      const { version, received, total } = event;
      if (total === undefined || total === 0) return `downloading ${version}`;
      return `downloading ${version}: ${bytesText(received)} of ${bytesText(total)} (${Math.floor((100 * received) / total)} %)`;
    }
    case "installing":
      return `installing ${event.version}`;
    default:
      return "";
  }
}

function print(terminal: Terminal, result: UpdateResult): void {
  switch (result.is) {
    case "up-to-date":
      return terminal.print(`${terminal.paint("green", "up to date")}: ${result.version}`);
    case "available":
      return terminal.print(
        `${result.version} is available (installed: ${result.from}); to install it: lockstep update`,
      );
    case "updated": {
      const app = result.relaunched ? "; the app restarts" : "";
      return terminal.print(`${terminal.paint("green", "updated")} ${result.from} → ${result.version}${app}`);
    }
    case "off":
      return terminal.insist(`lockstep: ${result.why}`);
    case "failed":
      return terminal.insist(`lockstep: ${result.error}`);
  }
}
