/**
 * How the command line asks the app for an update: it listens on a socket of its own and starts the app's binary with
 * `--update=SOCKET`. The running app, or else the one just started, connects, reads the request and reports progress.
 * Both sides send JSON, one object per line.
 */
export const UPDATE_FLAG = "--update=";

export interface UpdateRequest {
  /** `stage`: stage the runtime of daemon and command line, as every start of the app does. */
  want: "check" | "update" | "stage";
  /** The app's file that was started, which may have passed the request to a running app of another installation. */
  app: string | undefined;
}

/** Progress, or the result, which is the last event. */
export type UpdateEvent =
  | { is: "checking" }
  | { is: "downloading"; version: string; received: number; total: number | undefined }
  | { is: "installing"; version: string }
  | UpdateResult;

export type UpdateResult =
  | { is: "up-to-date"; version: string }
  | { is: "available"; from: string; version: string }
  /** `relaunched`: the app was running and is restarted. `file`: the app's path, which an update may have changed. */
  | { is: "updated"; from: string; version: string; relaunched: boolean; file: string }
  | { is: "off"; why: string }
  | { is: "failed"; error: string };

export function isUpdateResult(event: UpdateEvent): event is UpdateResult {
  return event.is !== "checking" && event.is !== "downloading" && event.is !== "installing";
}

/** Parses a line as a request; undefined if it isn't one. */
export function parseUpdateRequest(line: string): UpdateRequest | undefined {
  const { want, app } = objectIn(line);
  return want === "check" || want === "update" || want === "stage" ? { want, app: textOf(app) } : undefined;
}

/** Parses a line as an event; undefined if it isn't one, for instance an event of a newer version. */
export function parseUpdateEvent(line: string): UpdateEvent | undefined {
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
