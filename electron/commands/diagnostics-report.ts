import { hostname, release } from "node:os";
import { secretsOfFile } from "../../src/config/secrets/file-secrets.js";
import { homeOfUser, userEntry } from "../../src/state/user-entry.js";
import type { ListedDaemons } from "../daemon/daemon-specs.js";
import type { AppState } from "../model/app-state.js";
import { diagnosticsText, type MachineFacts } from "../view/diagnostics/report.js";
import type { Private } from "../view/diagnostics/scrub.js";

/** The text of "Copy diagnostics", with everything private taken out. */
export async function diagnosticsReport(state: AppState, listed: ListedDaemons): Promise<string> {
  return diagnosticsText(state, machineFacts(), await privateWords(listed), Date.now());
}

function machineFacts(): MachineFacts {
  return {
    os: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    electron: process.versions.electron,
    desktop: process.env["XDG_CURRENT_DESKTOP"] ?? "unknown",
  };
}

/** Read for each report, since servers.json may have changed a moment ago. */
async function privateWords(listed: ListedDaemons): Promise<Private> {
  const secrets = await Promise.all(
    [...listed.values()].map(({ spec }) => secretsOfFile(spec.paths.servers, process.env)),
  );
  return {
    home: homeOfUser(process.env),
    user: userEntry()?.username ?? "",
    host: hostname(),
    secrets: secrets.flat(),
  };
}
