/**
 * How a command line asks the app for an update: it listens on a socket of its own and starts the app's binary with
 * `--update=SOCKET`. The app that runs, or the one that was started, connects, reads the wish, and tells what it does:
 * JSON, one object a line.
 */
export const UPDATE_FLAG = "--update=";

export interface UpdateWish {
  /** `settle`: put in place what daemon and command line run from, as every start of the app does. */
  want: "check" | "update" | "settle";
}

/** What is under way, or what came of it; then nothing follows. */
export type UpdateNews =
  | { is: "checking" }
  | { is: "downloading"; version: string; received: number; total: number | undefined }
  | { is: "installing"; version: string }
  | UpdateResult;

export type UpdateResult =
  | { is: "up-to-date"; version: string }
  | { is: "available"; from: string; version: string }
  /** `relaunched`: the app ran before, and does again. `file`: the app's, which may have got another name. */
  | { is: "updated"; from: string; version: string; relaunched: boolean; file: string }
  | { is: "off"; why: string }
  | { is: "failed"; error: string };

export function isUpdateResult(news: UpdateNews): news is UpdateResult {
  return news.is !== "checking" && news.is !== "downloading" && news.is !== "installing";
}

/** The wish in a line; undefined when it is none. */
export function parseWish(line: string): UpdateWish | undefined {
  const { want } = objectIn(line);
  return want === "check" || want === "update" || want === "settle" ? { want } : undefined;
}

/** The app's news in a line; undefined when it is none, such as one of a version to come. */
export function parseNews(line: string): UpdateNews | undefined {
  const fields = objectIn(line);
  const version = textOf(fields["version"]);
  const from = textOf(fields["from"]) ?? "";
  switch (fields["is"]) {
    case "checking":
      return { is: "checking" };
    case "downloading": {
      const { received, total } = fields;
      if (version === undefined || typeof received !== "number") return undefined;
      return { is: "downloading", version, received, total: typeof total === "number" ? total : undefined };
    }
    case "installing":
      return version === undefined ? undefined : { is: "installing", version };
    case "up-to-date":
      return version === undefined ? undefined : { is: "up-to-date", version };
    case "available":
      return version === undefined ? undefined : { is: "available", from, version };
    case "updated":
      return version === undefined
        ? undefined
        : {
            is: "updated",
            from,
            version,
            relaunched: fields["relaunched"] === true,
            file: textOf(fields["file"]) ?? "",
          };
    case "off":
      return { is: "off", why: textOf(fields["why"]) ?? "" };
    case "failed":
      return { is: "failed", error: textOf(fields["error"]) ?? "" };
    default:
      return undefined;
  }
}

function objectIn(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
