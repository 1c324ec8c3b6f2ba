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
