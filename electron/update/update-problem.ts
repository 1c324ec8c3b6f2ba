import { bytesText } from "../../src/text/bytes.js";
import { durationText } from "../../src/text/duration.js";

/** Not enough disk space for an update; `missing` in bytes. Thrown before the download, or when the disk fills up. */
export class NoRoomError extends Error {
  constructor(
    readonly directory: string,
    readonly missing: number | undefined,
  ) {
    super(`no room in ${directory}`);
  }
}

/** The downloaded file is not the one that the feed announces. */
export class WrongHashError extends Error {}

/** The server answered with an HTTP error. */
export class HttpStatusError extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

/** The server sent nothing for `ms`. */
export class SilentServerError extends Error {
  constructor(readonly ms: number) {
    super(`no byte for ${ms} ms`);
  }
}

/** What the updater was doing when it failed. */
export type UpdateStage = "check" | "download" | "install";

export interface UpdateTarget {
  /** Of the feed, such as `updates.example:8080`. */
  host: string;
  /** The AppImage, or the app's directory. */
  file: string;
}

/** What went wrong with an update, as a sentence for the user. */
export function updateProblem(error: unknown, stage: UpdateStage, { host, file }: UpdateTarget): string {
  if (error instanceof NoRoomError) {
    const missing = error.missing === undefined ? "" : `: ${bytesText(Math.max(error.missing, 1e3))} are missing`;
    return `There is not enough room in ${error.directory}${missing}.`;
  }
  if (error instanceof WrongHashError) {
    return "The downloaded file is not the one that was announced (its SHA-512 differs), so it was discarded.";
  }
  if (error instanceof SilentServerError) return `${host} sent nothing for ${durationText(error.ms)}.`;
  const status = statusOf(error);
  if (status !== undefined) return httpProblem(status, stage, host);
  const { code = "", message = "" } = error as Partial<NodeJS.ErrnoException>;
  const network =
    /net::ERR_([A-Z_]+)/.exec(message)?.[1] ?? (/^E(CONN|HOST|NET|TIMEDOUT|AI_|PIPE)/.test(code) ? code : "");
  if (network !== "") return networkProblem(network, stage, host);
  switch (code) {
    case "ERR_UPDATER_CHANNEL_FILE_NOT_FOUND":
      return httpProblem(404, "check", host);
    case "EACCES":
    case "EPERM":
      return `${pathIn(error) ?? file} can't be replaced: permission denied.`;
    case "EROFS":
      return `${pathIn(error) ?? file} can't be replaced: the disk is read-only.`;
    case "ENOSPC":
    case "EDQUOT":
      return `There is not enough room in ${pathIn(error) ?? file}.`;
    case "ENOENT":
      return `${pathIn(error) ?? file} is gone: it was moved or removed.`;
  }
  // YAML that can't be parsed, or lacks a field, fails in many ways that mean the same to the user.
  if (stage === "check") return `The update information from ${host} can't be read.`;
  const first = message.split("\n")[0] ?? "";
  return `${stage === "download" ? "The download" : "The installation"} failed: ${first === "" ? String(error) : first}.`;
}

function httpProblem(status: number, stage: UpdateStage, host: string): string {
  const what = stage === "check" ? "information about updates" : "the update";
  return status === 404 || status === 410
    ? `${host} has no ${stage === "check" ? "information about updates" : "such file"} (${status}).`
    : `${host} did not send ${what} (${status}).`;
}

function networkProblem(name: string, stage: UpdateStage, host: string): string {
  const known = NETWORK[name];
  if (known !== undefined) return `${host} could not be reached: ${known}.`;
  return stage === "download"
    ? `The connection to ${host} was lost.`
    : `${host} could not be reached (${name.toLowerCase().replaceAll("_", " ")}).`;
}

const NETWORK: Record<string, string | undefined> = {
  NAME_NOT_RESOLVED: "its name could not be resolved",
  NAME_RESOLUTION_FAILED: "its name could not be resolved",
  INTERNET_DISCONNECTED: "there is no network connection",
  NETWORK_CHANGED: "the network changed",
  ADDRESS_UNREACHABLE: "no route to it",
  CONNECTION_REFUSED: "connection refused",
  ECONNREFUSED: "connection refused",
  CONNECTION_TIMED_OUT: "it does not answer",
  TIMED_OUT: "it does not answer",
  PROXY_CONNECTION_FAILED: "the proxy can't be reached",
  CERT_AUTHORITY_INVALID: "its certificate is not trusted",
  CERT_DATE_INVALID: "its certificate has expired, or the clock is wrong",
  CERT_COMMON_NAME_INVALID: "its certificate belongs to another host",
};

/** electron-updater's own errors carry the status in their code. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpStatusError) return error.status;
  const code = (error as { code?: unknown } | undefined)?.code;
  const found = typeof code === "string" ? /^HTTP_ERROR_(\d+)$/.exec(code)?.[1] : undefined;
  return found === undefined ? undefined : Number(found);
}

function pathIn(error: unknown): string | undefined {
  const { path } = error as { path?: unknown };
  return typeof path === "string" ? path : undefined;
}
