import { describe, expect, it } from "vitest";
import {
  BrokenOffError,
  HttpStatusError,
  NoRoomError,
  NoFileError,
  ReplacedError,
  SlowServerError,
  SquirrelError,
  updateProblem,
  WrongFileError,
  type UpdateStage,
} from "../../../../electron/update/update-problem.js";

const PLACE = { host: "updates.example", file: "/opt/apps/Lockstep.AppImage" };
const coded = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code}: at stack (x.js:1)`), { code, ...more });

describe("what went wrong with an update is one sentence", () => {
  it.each<[UpdateStage, unknown, string]>([
    ["check", new Error("net::ERR_CONNECTION_REFUSED"), "updates.example could not be reached: connection refused."],
    [
      "check",
      new Error("net::ERR_NAME_NOT_RESOLVED"),
      "updates.example could not be reached: its name could not be resolved.",
    ],
    ["check", new Error("net::ERR_SSL_PROTOCOL_ERROR"), "updates.example could not be reached (ssl protocol error)."],
    ["check", coded("ERR_UPDATER_CHANNEL_FILE_NOT_FOUND"), "updates.example has no information about updates (404)."],
    ["check", coded("HTTP_ERROR_503"), "updates.example did not send information about updates (503)."],
    [
      "check",
      new TypeError("Cannot read properties of undefined (reading 'version')\n at AppUpdater.js:1"),
      "The update information from updates.example can't be read.",
    ],
    ["download", new HttpStatusError(404, undefined), "updates.example has no such file (404)."],
    ["download", new HttpStatusError(500, 60_000), "updates.example did not send the update (500)."],
    ["download", new Error("net::ERR_CONTENT_LENGTH_MISMATCH"), "The connection to updates.example was lost."],
    ["download", new Error("net::ERR_CONNECTION_RESET"), "The connection to updates.example was lost."],
    ["download", new BrokenOffError(), "The connection to updates.example was lost."],
    ["check", new SlowServerError(0, 60_000), "updates.example sent nothing for 1 min."],
    ["download", new SlowServerError(4100, 60_000), "updates.example sent only 4.1 kB within 1 min."],
    [
      "check",
      new Error("net::ERR_TOO_MANY_REDIRECTS"),
      "updates.example could not be reached: it redirects without end.",
    ],
    [
      "check",
      new NoFileError("1.5.0", "linux x64"),
      "updates.example has 1.5.0, but no file of it for this machine (linux x64).",
    ],
    [
      "install",
      new ReplacedError(),
      "/opt/apps/Lockstep.AppImage was replaced while this app was running. Relaunch Lockstep to use it.",
    ],
    ["download", new SquirrelError("no signature"), "macOS did not accept the update: no signature."],
    [
      "download",
      new WrongFileError("hash"),
      "The downloaded file is not the one that was announced (its SHA-512 differs), so it was discarded.",
    ],
    [
      "download",
      new WrongFileError("size"),
      "The file on updates.example is not the one that was announced (its size differs), so it was not downloaded.",
    ],
    [
      "download",
      new WrongFileError("still"),
      "The file on updates.example is still not the one that was announced, so it was not downloaded again.",
    ],
    ["download", new NoRoomError("/c/x", 228e6), "There is not enough room in /c/x: 228 MB are missing."],
    ["download", new NoRoomError("/c/x", undefined), "There is not enough room in /c/x."],
    ["download", coded("ENOSPC", { path: "/c/y" }), "There is not enough room in /c/y."],
    ["install", coded("EACCES", { path: "/opt/apps" }), "/opt/apps can't be replaced: permission denied."],
    ["download", coded("EACCES", { path: "/h/.cache/x" }), "/h/.cache/x can't be written: permission denied."],
    ["download", coded("EROFS", { path: "/h/.cache/x" }), "/h/.cache/x can't be written: the disk is read-only."],
    [
      "download",
      coded("ENOTDIR", { path: "/h/.cache/x" }),
      "/h/.cache/x can't be written: there is a file in place of a directory.",
    ],
    ["install", coded("EROFS"), "/opt/apps/Lockstep.AppImage can't be replaced: the disk is read-only."],
    ["download", coded("ENOENT"), "/opt/apps/Lockstep.AppImage is gone: it was moved or removed."],
    ["install", new Error("odd\n    at somewhere.js:1"), "The installation failed: odd."],
  ])("%s: %s", (stage, error, sentence) => {
    expect(updateProblem(error, stage, PLACE)).toBe(sentence);
  });
});
