import { describe, expect, it } from "vitest";
import {
  breadcrumbCause,
  isDrift,
  restartReason,
  stopIsFor,
  stopReason,
  type StopCause,
} from "../../../src/version/restart-cause.js";

describe("the cause of a stop", () => {
  it.each<[StopCause, string, string]>([
    [{ kind: "requested" }, "stop", "stop requested"],
    [{ kind: "upgrade", installed: "1.5.0" }, "upgrade", "out of step with 1.5.0"],
    [{ kind: "signal", signal: "SIGTERM" }, "stop", "SIGTERM received"],
    [{ kind: "files-lost", path: "/d/daemon.lock" }, "fault", "/d/daemon.lock was removed or replaced"],
    [{ kind: "fault", what: "x is not a function" }, "fault", "uncaught exception: x is not a function"],
  ])("%j is for a %s and reads %j", (cause, endsFor, reason) => {
    expect([stopIsFor(cause), stopReason(cause)]).toEqual([endsFor, reason]);
  });
});

describe("the cause of a restart", () => {
  it("is logged with the user's own reason and the version that takes over", () => {
    expect(restartReason("version-mismatch", undefined, "1.4.0")).toBe("restart, version-mismatch, now 1.4.0");
    expect(restartReason("requested", "new PATH", "1.4.0")).toBe("restart, requested: new PATH, now 1.4.0");
  });

  it("counts against the restart budget only when it is drift", () => {
    const causes = ["version-mismatch", "identity-unreadable", "unresponsive", "requested", "absent", "unknown"];
    expect(causes.filter(isDrift)).toEqual(["version-mismatch", "identity-unreadable"]);
  });

  it("is a mismatch in the breadcrumb when the old version could not be read", () => {
    expect(breadcrumbCause("identity-unreadable")).toBe("version-mismatch");
    expect(breadcrumbCause("unresponsive")).toBe("unresponsive");
  });
});
