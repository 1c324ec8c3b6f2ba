import { describe, expect, it } from "vitest";
import {
  HttpStatusError,
  NoRoomError,
  SilentServerError,
  updateProblem,
  WrongHashError,
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
    ["download", new HttpStatusError(404), "updates.example has no such file (404)."],
    ["download", new HttpStatusError(500), "updates.example did not send the update (500)."],
    ["download", new Error("net::ERR_CONTENT_LENGTH_MISMATCH"), "The connection to updates.example was lost."],
    ["download", new Error("net::ERR_CONNECTION_RESET"), "The connection to updates.example was lost."],
    ["download", new SilentServerError(60_000), "updates.example sent nothing for 1 min."],
    [
      "download",
      new WrongHashError(),
      "The downloaded file is not the one that was announced (its SHA-512 differs), so it was discarded.",
    ],
    ["download", new NoRoomError("/c/x", 228e6), "There is not enough room in /c/x: 228 MB are missing."],
    ["download", new NoRoomError("/c/x", undefined), "There is not enough room in /c/x."],
    ["download", coded("ENOSPC", { path: "/c/y" }), "There is not enough room in /c/y."],
    ["install", coded("EACCES", { path: "/opt/apps" }), "/opt/apps can't be replaced: permission denied."],
    ["install", coded("EROFS"), "/opt/apps/Lockstep.AppImage can't be replaced: the disk is read-only."],
    ["download", coded("ENOENT"), "/opt/apps/Lockstep.AppImage is gone: it was moved or removed."],
    ["install", new Error("odd\n    at somewhere.js:1"), "The installation failed: odd."],
  ])("%s: %s", (stage, error, sentence) => {
    expect(updateProblem(error, stage, PLACE)).toBe(sentence);
  });
});
