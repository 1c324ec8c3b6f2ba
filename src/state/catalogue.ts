import { readIfThere } from "./whole-file.js";

/** What a bridge can tell its host before the daemon is reached. */
export interface BridgeView {
  /** `configurationDigest` of `servers.json` as it was when this was written; with another one all of it may be wrong. */
  configuration: string;
  /** With one server: what that server said of itself in `initialize`, if it is known. */
  hello?: Record<string, unknown>;
  /** The JSON text of the result of each list, by its method. */
  lists: Record<string, string>;
}

/** The directory, in the state directory, of what is known of servers that do not run. The daemon writes it. */
export function catalogueDirectory(dir: string): string {
  return `${dir}/catalogue`;
}

/** The file with the view of bridges to one server, or to all. Any name is allowed, so the file is not named by it. */
export function bridgeViewFile(dir: string, server: string | undefined): string {
  const name = server === undefined ? "all" : sha256(server).slice(0, 32);
  return `${catalogueDirectory(dir)}/bridge-${name}.json`;
}

/** `text`: that of `servers.json`; undefined when there is none. */
export function configurationDigest(text: string | undefined): string {
  return sha256(text ?? "");
}

/** The file's content, if it fits the present `servers.json`. Undefined too when it is missing or cannot be read. */
export function readBridgeView(dir: string, serversFile: string, server: string | undefined): BridgeView | undefined {
  try {
    const { format, ...view } = JSON.parse(readIfThere(bridgeViewFile(dir, server)) ?? "{}") as Partial<Written>;
    if (format !== FORMAT || view.configuration !== configurationDigest(textOf(serversFile))) return undefined;
    const { configuration, hello, lists = {} } = view;
    if (Object.values(lists).some((text) => typeof text !== "string")) return undefined;
    return { configuration, lists, ...(typeof hello === "object" && { hello }) };
  } catch {
    return undefined;
  }
}

/** The content of the file. */
export function bridgeViewText(view: BridgeView): string {
  const written: Written = { format: FORMAT, ...view };
  return `${JSON.stringify(written)}\n`;
}

/** As `config/load-servers.ts` reads it. */
function textOf(serversFile: string): string | undefined {
  return readIfThere(serversFile)?.replace(/^\uFEFF/, "");
}

type Written = BridgeView & { format: number };

const FORMAT = 1;

function sha256(text: string): string {
  // Not imported: the daemon's way to its first accept does without it.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(text).digest("hex");
}
