import { expect, it } from "vitest";

import { refusalError } from "../../../../src/client/restart/refusal.js";
import { lockstepSpec } from "../../../../src/client/spec/lockstep-spec.js";
import { RefusedError } from "../../../../src/client/lifecycle-errors.js";
import { parseIdentity } from "../../../../src/version/identity.js";

const SPEC = lockstepSpec(undefined, "/tmp/none");

const refuse = (daemon: string, installed: string, place?: string): Error =>
  refusalError(SPEC, "older-client", {
    installed: { version: installed, buildId: "b", protocol: 1, root: "/opt/a", place: "mnt:[1] 1:1" },
    found: {
      state: "answered",
      identity: parseIdentity(daemon, { protocol: 2, installRoot: place ? "/opt/a" : "/opt/b", place }),
    },
    listener: undefined,
    ledger: [],
    otherHost: undefined,
    heartbeatAgeMs: undefined,
    testVersion: undefined,
  });

it.each([
  ["1.5.0", "1.4.0", "the daemon is newer"],
  ["1.4.0", "1.4.0", "their versions are equal"],
  ["1.4.0-3-gaaaa", "1.4.0-3-gbbbb", "their versions cannot be ordered"],
])("a daemon %s that an installation %s cannot use is refused with: %s", (daemon, installed, words) => {
  const error = refuse(daemon, installed);
  expect(error).toBeInstanceOf(RefusedError);
  expect(error.message).toContain(`they speak different protocols, and ${words}. Upgrade this installation`);
});

it("a daemon of another container is named as such, since its path is the same", () => {
  expect(refuse("1.5.0", "1.4.0", "mnt:[2] 1:2").message).toContain("/opt/a) in another container or mount namespace");
});

it("a start that never listens is the daemon of another machine when that has written serve.json", () => {
  const error = refusalError(SPEC, "stuck-start", {
    installed: { version: "1.4.0", buildId: "b", protocol: 1, root: "/opt/a" },
    found: { state: "starting" },
    listener: undefined,
    ledger: [],
    otherHost: "nas",
    heartbeatAgeMs: 1_000,
    testVersion: undefined,
  });
  expect(error.message).toContain('the daemon runs on the machine "nas"; its last heartbeat was 1.0 s ago.');
  expect(error.message).toContain("use another one on this machine, or stop the daemon there.");
  expect(error.message).not.toContain("replace it with");
});
