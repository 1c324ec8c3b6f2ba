import { bytesText } from "../../src/text/bytes.js";
import { durationText } from "../../src/text/duration.js";

/** Too little room for an update; `missing` in bytes. Thrown where it is noticed, before or while it fills up. */
export class NoRoomError extends Error {
  constructor(
    readonly directory: string,
    readonly missing: number | undefined,
  ) {
    super(`no room in ${directory}`);
  }
}

/** The file that was downloaded is not the one that the feed announced. */
export class WrongHashError extends Error {}

/** A server's answer that is no file. */
export class HttpStatusError extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

/** Nothing came for so long that it was given up, ms. */
export class SilentServerError extends Error {
  constructor(readonly ms: number) {
    super(`no byte for ${ms} ms`);
  }
}

/** While it was at what. */
export type UpdateStage = "check" | "download" | "install";

export interface UpdateTarget {
  /** Of the feed, such as `updates.example:8080`. */
  host: string;
  /** The AppImage, or the app's directory. */
  file: string;
}

/** What went wrong with an update, in one sentence for the person who reads it. Pure. */
export function updateProblem(error: unknown, stage: UpdateStage, { host, file }: UpdateTarget): string {
  if (error instanceof NoRoomError) {
    const missing = error.missing === undefined ? "" : `: ${bytesText(Math.max(error.missing, 1e3))} are missing`;
    return `There is not enough room in ${error.directory}${missing}.`;
  }
  if (error instanceof WrongHashError) {
    return "The downloaded file is not the one that was announced (its SHA-512 differs), so it was thrown away.";
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
      return `${pathIn(error) ?? file} cannot be replaced: permission denied.`;
    case "EROFS":
      return `${pathIn(error) ?? file} cannot be replaced: the disk is read-only.`;
    case "ENOSPC":
    case "EDQUOT":
      return `There is not enough room in ${pathIn(error) ?? file}.`;
    case "ENOENT":
      return `${pathIn(error) ?? file} is gone: it was moved or removed.`;
  }
  // What cannot be read as YAML, or lacks what it must say, fails in many ways that mean the same.
  if (stage === "check") return `What ${host} says about the newest version cannot be understood.`;
  const first = message.split("\n")[0] ?? "";
  return `${stage === "download" ? "The download" : "The installation"} failed: ${first === "" ? String(error) : first}.`;
}

function httpProblem(status: number, stage: UpdateStage, host: string): string {
  const what = stage === "check" ? "news about updates" : "the file of the update";
  return status === 404 || status === 410
    ? `${host} has no ${stage === "check" ? "news about updates" : "such file"} (${status}).`
    : `${host} did not give ${what} (${status}).`;
}

function networkProblem(name: string, stage: UpdateStage, host: string): string {
  const known = NETWORK[name];
  if (known !== undefined) return `${host} could not be reached: ${known}.`;
  return stage === "download"
    ? `The connection to ${host} broke off.`
    : `${host} could not be reached (${name.toLowerCase().replaceAll("_", " ")}).`;
}

const NETWORK: Record<string, string | undefined> = {
  NAME_NOT_RESOLVED: "its name is not known",
  NAME_RESOLUTION_FAILED: "its name is not known",
  INTERNET_DISCONNECTED: "there is no network",
  NETWORK_CHANGED: "the network changed",
  ADDRESS_UNREACHABLE: "there is no way to it",
  CONNECTION_REFUSED: "connection refused",
  ECONNREFUSED: "connection refused",
  CONNECTION_TIMED_OUT: "it does not answer",
  TIMED_OUT: "it does not answer",
  PROXY_CONNECTION_FAILED: "the proxy cannot be reached",
  CERT_AUTHORITY_INVALID: "its certificate is not trusted",
  CERT_DATE_INVALID: "its certificate is out of date; is the clock right?",
  CERT_COMMON_NAME_INVALID: "its certificate is another host's",
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
