import { describe, expect, it } from "vitest";

import { decide, FIRST_LOOK, type Decision, type Facts } from "../../../src/version/decide.js";
import type { Found } from "../../../src/version/found.js";
import type { Identity, Installed } from "../../../src/version/identity.js";

const HERE = "/opt/lockstep/dist";
const THERE = "/home/u/lockstep/dist";

const installed = (version = "1.4.0", more: Partial<Installed> = {}): Installed => ({
  version,
  buildId: "b1",
  protocol: 1,
  root: HERE,
  ...more,
});

const identity = (version = "1.4.0", more: Partial<Identity> = {}): Identity => ({
  version,
  protocol: 1,
  buildId: "b1",
  installRoot: HERE,
  execPath: undefined,
  pid: 1,
  startedAt: undefined,
  launchedBy: undefined,
  heartbeatMs: 2000,
  noticed: false,
  ...more,
});

const daemon = (version?: string, more?: Partial<Identity>): Found => ({
  state: "answered",
  identity: identity(version, more),
});

const draining: Found = { state: "draining", identity: identity() };
const absent: Found = { state: "absent" };
const starting: Found = { state: "starting" };

const decideOn = (found: Found, more: Partial<Facts> = {}): Decision =>
  decide({
    ...FIRST_LOOK,
    found,
    installed: installed(),
    intent: "fresh",
    mayStart: true,
    mayReplaceUnresponsive: false,
    force: false,
    ...more,
  });

const use: Decision = { do: "use", other: undefined, tell: false };
const start: Decision = { do: "start", why: "absent" };
const drift: Decision = { do: "restart", why: "version-mismatch" };

describe("what a client does about the daemon that it found", () => {
  it.each<[string, Found, Partial<Facts>, Decision]>([
    ["no daemon: start", absent, {}, start],
    ["a daemon that is starting: wait", starting, {}, { do: "wait", for: "start" }],
    ["a daemon that is draining: wait", draining, {}, { do: "wait", for: "start" }],
    ["a daemon that hung up: wait", { state: "ended" }, {}, { do: "wait", for: "handshake" }],
    ["a start that takes too long: unresponsive", starting, { waitedOut: true }, { do: "refuse", why: "stuck-start" }],
    [
      "a start that takes too long, and the user asked for a replacement",
      starting,
      { waitedOut: true, mayReplaceUnresponsive: true },
      { do: "restart", why: "unresponsive" },
    ],
    ["a match: use", daemon(), {}, use],
    ["a match of another installation: use, without a word", daemon("1.4.0", { installRoot: THERE }), {}, use],
    ["drift, same installation, older daemon: restart", daemon("1.3.0"), {}, drift],
    ["drift, same installation, newer daemon: restart too", daemon("1.5.0"), {}, drift],
    ["drift, same installation, only rebuilt: restart", daemon("1.4.0", { buildId: "b0" }), {}, drift],
    ["drift in the protocol alone, same installation: restart", daemon("1.4.0", { protocol: 2 }), {}, drift],
    ["another installation and mine is newer: restart", daemon("1.3.0", { installRoot: THERE }), {}, drift],
    [
      "another installation and mine is older, same protocol: use with a notice",
      daemon("1.5.0", { installRoot: THERE }),
      {},
      { do: "use", other: "daemon-newer", tell: true },
    ],
    [
      "… the notice is given once",
      daemon("1.5.0", { installRoot: THERE, noticed: true }),
      {},
      { do: "use", other: "daemon-newer", tell: false },
    ],
    [
      "… other protocol: refuse",
      daemon("1.5.0", { installRoot: THERE, protocol: 2 }),
      {},
      { do: "refuse", why: "older-client" },
    ],
    [
      "… and no ledger or force makes the older one restart it",
      daemon("1.5.0", { installRoot: THERE, protocol: 2 }),
      { force: true },
      { do: "refuse", why: "older-client" },
    ],
    [
      "another installation that cannot be ordered: use with a notice",
      daemon("1.4.0-3-gaaaa", { installRoot: THERE }),
      { installed: installed("1.4.0-3-gbbbb") },
      { do: "use", other: "daemon-differs", tell: true },
    ],
    ["no version: restart once", daemon(""), {}, { do: "restart", why: "identity-unreadable" }],
    ["an unreadable version: restart once", daemon("dev"), {}, { do: "restart", why: "identity-unreadable" }],
    ["… and never twice", daemon("dev"), { restarted: true }, { do: "refuse", why: "still-mismatched" }],
    [
      "my own version is unreadable: no restart could help",
      daemon("dev"),
      { installed: installed("dev") },
      { do: "refuse", why: "installed-unreadable" },
    ],
    [
      "still another version after the restart: refuse",
      daemon("1.3.0"),
      { restarted: true },
      { do: "refuse", why: "still-mismatched" },
    ],
    [
      "a daemon that tells nothing but its version is judged by it",
      daemon("1.3.0", { installRoot: undefined, protocol: undefined }),
      {},
      drift,
    ],
    [
      "… and used when that matches",
      daemon("1.4.0", { installRoot: undefined, protocol: undefined, buildId: undefined }),
      {},
      use,
    ],
    ["two restarts within the window: a third may be", daemon("1.3.0"), { recentRestarts: 2 }, drift],
    [
      "three restarts within the window: refuse",
      daemon("1.3.0"),
      { recentRestarts: 3 },
      { do: "refuse", why: "restart-budget" },
    ],
    ["… unless forced", daemon("1.3.0"), { recentRestarts: 3, force: true }, drift],
    ["no answer: unresponsive", { state: "silent" }, {}, { do: "refuse", why: "unresponsive" }],
    [
      "no answer, and the user asked for a replacement",
      { state: "silent" },
      { mayReplaceUnresponsive: true },
      { do: "restart", why: "unresponsive" },
    ],
    [
      "the replacement does not answer either",
      { state: "silent" },
      { mayReplaceUnresponsive: true, restarted: true },
      { do: "refuse", why: "unresponsive" },
    ],
  ])("%s", (_name, found, more, expected) => {
    expect(decideOn(found, more)).toEqual(expected);
  });
});

describe("what a client does when the user asked for a restart", () => {
  const requested: Decision = { do: "restart", why: "requested" };
  const newerThere = daemon("1.5.0", { installRoot: THERE });

  it.each<[string, Found, Partial<Facts>, Decision]>([
    ["a daemon in step is restarted", daemon(), {}, requested],
    ["a daemon that another client has restarted meanwhile is used", daemon(), { startedSince: true }, use],
    ["drift is restarted as requested", daemon("1.3.0"), {}, requested],
    ["the restart budget does not count", daemon("1.3.0"), { recentRestarts: 3 }, requested],
    [
      "the restart budget counts once another client has restarted it",
      daemon("1.3.0"),
      { recentRestarts: 3, startedSince: true },
      { do: "refuse", why: "restart-budget" },
    ],
    ["another installation's newer daemon is left alone", newerThere, {}, { do: "refuse", why: "would-downgrade" }],
    ["another installation's newer daemon is restarted with --force", newerThere, { force: true }, requested],
    ["a missing daemon is started", absent, {}, start],
    ["a daemon that does not answer is left alone", { state: "silent" }, {}, { do: "refuse", why: "unresponsive" }],
  ])("%s", (_name, found, more, expected) => {
    expect(decideOn(found, { restartAsked: true, ...more })).toEqual(expected);
  });
});

describe("a client that reconnects on its own", () => {
  const passive = { intent: "passive", mayStart: false } as const;

  it.each<[string, Found, Partial<Facts>, Decision]>([
    ["uses what speaks its protocol, older", daemon("1.3.0"), {}, use],
    ["uses what speaks its protocol, newer", daemon("1.5.0"), {}, use],
    ["uses what speaks its protocol, of another installation", daemon("1.5.0", { installRoot: THERE }), {}, use],
    [
      "waits for somebody's restart when the protocol differs",
      daemon("1.5.0", { protocol: 2 }),
      {},
      { do: "wait", for: "restart" },
    ],
    [
      "… and gives up in the end",
      daemon("1.5.0", { protocol: 2 }),
      { waitedOut: true },
      { do: "refuse", why: "passive-mismatch" },
    ],
    ["waits for a daemon when it may start none", absent, {}, { do: "wait", for: "daemon" }],
    ["starts one when it may", absent, { mayStart: true }, start],
    ["does not replace what does not answer", { state: "silent" }, {}, { do: "refuse", why: "unresponsive" }],
  ])("%s", (_name, found, more, expected) => {
    expect(decideOn(found, { ...passive, ...more })).toEqual(expected);
  });

  it("never restarts, whatever it finds", () => {
    const versions = ["", "dev", "1.3.0", "1.4.0", "1.5.0", "1.4.0-3-gaaaa"];
    const protocols = [undefined, 0, 1, 2];
    const roots = [undefined, HERE, THERE];
    for (const version of versions)
      for (const protocol of protocols)
        for (const installRoot of roots)
          for (const restarted of [false, true])
            for (const force of [false, true]) {
              const found = daemon(version, { protocol, installRoot });
              expect(decideOn(found, { ...passive, restarted, force }).do).not.toBe("restart");
            }
  });
});
