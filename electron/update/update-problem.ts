import { dirname } from "node:path";
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

/**
 * The server's file is not the one that the feed announces. `hash`: it was downloaded and discarded; `size`: it was not
 * downloaded; `still`: the server has the same wrong file as before, which is not downloaded again.
 */
export class WrongFileError extends Error {
  constructor(readonly by: "hash" | "size" | "still") {
    super(`not the announced file: ${by}`);
  }
}

/** The server answered with anything but what was requested; `retryAfterMs` if it says when to ask again. */
export class HttpStatusError extends Error {
  constructor(
    readonly status: number,
    readonly retryAfterMs: number | undefined,
  ) {
    super(`HTTP ${status}`);
  }
}

/** The server sent only so many bytes within `ms`. */
export class SlowServerError extends Error {
  constructor(
    readonly bytes: number,
    readonly ms: number,
  ) {
    super(`${bytes} bytes in ${ms} ms`);
  }
}

/** The connection was lost in the middle of an answer. */
export class BrokenOffError extends Error {}

/** The feed has a newer version, but not for this machine. */
export class NoFileError extends Error {
  constructor(
    readonly version: string,
    /** Such as "linux x64". */
    readonly machine: string,
  ) {
    super(`no file for ${machine}`);
  }
}

/** macOS refused an update that was downloaded. */
export class SquirrelError extends Error {}

/** The app's file is not the one that was started: the user has replaced it. */
export class ReplacedError extends Error {}

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
  if (error instanceof WrongFileError) return wrongFile(error, host);
  if (error instanceof NoFileError)
    return `${host} has ${error.version}, but no file of it for this machine (${error.machine}).`;
  if (error instanceof ReplacedError)
    return `${file} was replaced while this app was running. Relaunch Lockstep to use it.`;
  if (error instanceof SlowServerError) {
    const { bytes, ms } = error;
    return bytes === 0
      ? `${host} sent nothing for ${durationText(ms)}.`
      : `${host} sent only ${bytesText(bytes)} within ${durationText(ms)}.`;
  }
  if (error instanceof SquirrelError) return `macOS did not accept the update: ${error.message}.`;
  if (error instanceof BrokenOffError) return `The connection to ${host} was lost.`;
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
      return `${cannotChange(pathIn(error) ?? file, file)}: permission denied.`;
    case "EROFS":
      return `${cannotChange(pathIn(error) ?? file, file)}: the disk is read-only.`;
    case "ENOTDIR":
    case "EEXIST":
      return `${cannotChange(pathIn(error) ?? file, file)}: there is a file in place of a directory.`;
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

function wrongFile({ by }: WrongFileError, host: string): string {
  switch (by) {
    case "hash":
      return "The downloaded file is not the one that was announced (its SHA-512 differs), so it was discarded.";
    case "size":
      return `The file on ${host} is not the one that was announced (its size differs), so it was not downloaded.`;
    case "still":
      return `The file on ${host} is still not the one that was announced, so it was not downloaded again.`;
  }
}

/** The app and its directory are replaced; everything else is only written. */
function cannotChange(path: string, file: string): string {
  return `${path} can't be ${path === file || path === dirname(file) ? "replaced" : "written"}`;
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
  TOO_MANY_REDIRECTS: "it redirects without end",
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
