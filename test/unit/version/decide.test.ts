import { describe, expect, it } from "vitest";

import { decide, NO_HISTORY, type Decision, type Facts } from "../../../src/version/decide.js";
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

const draining: Found = { state: "draining", identity: identity(), deadlineMs: undefined };
const refusing: Found = { state: "refusing", code: -32602, message: "Unsupported protocol version" };
const noise: Found = { state: "noise", problem: "it sent what is not MCP" };
const absent: Found = { state: "absent" };
const starting: Found = { state: "starting" };

const decideOn = (found: Found, more: Partial<Facts> = {}): Decision =>
  decide({
    ...NO_HISTORY,
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

describe("decide", () => {
  it.each<[string, Found, Partial<Facts>, Decision]>([
    ["a missing daemon is started", absent, {}, start],
    ["a daemon that is starting is waited for", starting, {}, { do: "wait", for: "start" }],
    ["a daemon that is draining is waited for", draining, {}, { do: "wait", for: "drain" }],
    [
      "a daemon that drains for longer than it said is refused as unresponsive",
      draining,
      { waitedOut: true },
      { do: "refuse", why: "stuck-drain" },
    ],
    [
      "a daemon that drains for longer than it said is replaced if the user asked for that",
      draining,
      { waitedOut: true, mayReplaceUnresponsive: true },
      { do: "restart", why: "unresponsive" },
    ],
    [
      "a daemon that refuses the handshake is restarted, like one without a version",
      refusing,
      {},
      { do: "restart", why: "identity-unreadable" },
    ],
    [
      "a daemon that refuses the handshake after a restart too is refused",
      refusing,
      { restarted: true },
      { do: "refuse", why: "still-refusing" },
    ],
    [
      "daemons that refuse the handshake are restarted within the budget only",
      refusing,
      { recentRestarts: 3 },
      { do: "refuse", why: "restart-budget" },
    ],
    [
      "a daemon that refuses the handshake is not restarted for an installation whose version is unreadable",
      refusing,
      { installed: installed("dev") },
      { do: "refuse", why: "installed-unreadable" },
    ],
    ["a program that speaks no MCP is refused at once", noise, {}, { do: "refuse", why: "no-mcp" }],
    [
      "a program that speaks no MCP is replaced if the user asked for that",
      noise,
      { mayReplaceUnresponsive: true },
      { do: "restart", why: "unresponsive" },
    ],
    [
      "a replacement that speaks no MCP either is refused",
      noise,
      { mayReplaceUnresponsive: true, restarted: true },
      { do: "refuse", why: "no-mcp" },
    ],
    [
      "a start that takes too long is refused as unresponsive",
      starting,
      { waitedOut: true },
      { do: "refuse", why: "stuck-start" },
    ],
    [
      "a start that takes too long is replaced if the user asked for that",
      starting,
      { waitedOut: true, mayReplaceUnresponsive: true },
      { do: "restart", why: "unresponsive" },
    ],
    ["a daemon of the installed version is used", daemon(), {}, use],
    [
      "a daemon of the installed version from another installation is used without a notice",
      daemon("1.4.0", { installRoot: THERE }),
      {},
      use,
    ],
    ["an older daemon of the same installation is restarted", daemon("1.3.0"), {}, drift],
    ["a newer daemon of the same installation is restarted", daemon("1.5.0"), {}, drift],
    ["a rebuilt daemon of the same installation is restarted", daemon("1.4.0", { buildId: "b0" }), {}, drift],
    [
      "a daemon of the same installation with another protocol is restarted",
      daemon("1.4.0", { protocol: 2 }),
      {},
      drift,
    ],
    ["another installation's older daemon is restarted", daemon("1.3.0", { installRoot: THERE }), {}, drift],
    [
      "another installation's newer daemon with the same protocol is used with a notice",
      daemon("1.5.0", { installRoot: THERE }),
      {},
      { do: "use", other: "daemon-newer", tell: true },
    ],
    [
      "another installation's newer daemon is used without a second notice",
      daemon("1.5.0", { installRoot: THERE, noticed: true }),
      {},
      { do: "use", other: "daemon-newer", tell: false },
    ],
    [
      "another installation's newer daemon with another protocol is refused",
      daemon("1.5.0", { installRoot: THERE, protocol: 2 }),
      {},
      { do: "refuse", why: "older-client" },
    ],
    [
      "another installation's newer daemon is not restarted, not even with --force",
      daemon("1.5.0", { installRoot: THERE, protocol: 2 }),
      { force: true },
      { do: "refuse", why: "older-client" },
    ],
    [
      "another installation's daemon whose version cannot be ordered is used with a notice",
      daemon("1.4.0-3-gaaaa", { installRoot: THERE }),
      { installed: installed("1.4.0-3-gbbbb") },
      { do: "use", other: "daemon-differs", tell: true },
    ],
    [
      "another container's newer daemon, with the same path, is used with a notice",
      daemon("1.5.0", { place: "mnt:[2] 1:20" }),
      { installed: installed("1.4.0", { place: "mnt:[1] 1:10" }) },
      { do: "use", other: "daemon-newer", tell: true },
    ],
    [
      "another container's daemon of the installed version, with the same path and another build, is used",
      daemon("1.4.0", { place: "mnt:[2] 1:20", buildId: "b0" }),
      { installed: installed("1.4.0", { place: "mnt:[1] 1:10" }) },
      use,
    ],
    [
      "a newer daemon of the same directory in another mount namespace is restarted",
      daemon("1.5.0", { place: "mnt:[2] 1:10" }),
      { installed: installed("1.4.0", { place: "mnt:[1] 1:10" }) },
      drift,
    ],
    [
      "a daemon whose directory was replaced is restarted",
      daemon("1.5.0", { place: "mnt:[1] 1:20" }),
      { installed: installed("1.4.0", { place: "mnt:[1] 1:10" }) },
      drift,
    ],
    ["a daemon without a version is restarted", daemon(""), {}, { do: "restart", why: "identity-unreadable" }],
    [
      "a daemon with an unreadable version is restarted",
      daemon("dev"),
      {},
      { do: "restart", why: "identity-unreadable" },
    ],
    [
      "a daemon whose version is still unreadable after a restart is refused",
      daemon("dev"),
      { restarted: true },
      { do: "refuse", why: "still-mismatched" },
    ],
    [
      "an unreadable installed version is refused, since a restart would not help",
      daemon("dev"),
      { installed: installed("dev") },
      { do: "refuse", why: "installed-unreadable" },
    ],
    [
      "a daemon that still differs after a restart is refused",
      daemon("1.3.0"),
      { restarted: true },
      { do: "refuse", why: "still-mismatched" },
    ],
    [
      "a daemon that gives only its version is restarted if that differs",
      daemon("1.3.0", { installRoot: undefined, protocol: undefined }),
      {},
      drift,
    ],
    [
      "a daemon that gives only its version is used if that matches",
      daemon("1.4.0", { installRoot: undefined, protocol: undefined, buildId: undefined }),
      {},
      use,
    ],
    ["a third restart within a minute is made", daemon("1.3.0"), { recentRestarts: 2 }, drift],
    [
      "a fourth restart within a minute is refused",
      daemon("1.3.0"),
      { recentRestarts: 3 },
      { do: "refuse", why: "restart-budget" },
    ],
    [
      "a fourth restart within a minute is made with --force",
      daemon("1.3.0"),
      { recentRestarts: 3, force: true },
      drift,
    ],
    [
      "a daemon that does not answer is refused as unresponsive",
      { state: "silent" },
      {},
      { do: "refuse", why: "unresponsive" },
    ],
    [
      "a daemon that does not answer is replaced if the user asked for that",
      { state: "silent" },
      { mayReplaceUnresponsive: true },
      { do: "restart", why: "unresponsive" },
    ],
    [
      "a replacement that does not answer either is refused",
      { state: "silent" },
      { mayReplaceUnresponsive: true, restarted: true },
      { do: "refuse", why: "unresponsive" },
    ],
  ])("%s", (_name, found, more, expected) => {
    expect(decideOn(found, more)).toEqual(expected);
  });
});

describe("decide, when the user asked for a restart", () => {
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
    ["a daemon that refuses the handshake is restarted as requested", refusing, {}, requested],
    ["the restart budget does not count for one that refuses", refusing, { recentRestarts: 3 }, requested],
    ["a daemon that does not answer is left alone", { state: "silent" }, {}, { do: "refuse", why: "unresponsive" }],
  ])("%s", (_name, found, more, expected) => {
    expect(decideOn(found, { restartAsked: true, ...more })).toEqual(expected);
  });
});

describe("decide, for a passive client", () => {
  const passive = { intent: "passive", mayStart: false } as const;

  it.each<[string, Found, Partial<Facts>, Decision]>([
    ["a passive client uses an older daemon with its protocol", daemon("1.3.0"), {}, use],
    ["a passive client uses a newer daemon with its protocol", daemon("1.5.0"), {}, use],
    [
      "a passive client uses another installation's daemon with its protocol",
      daemon("1.5.0", { installRoot: THERE }),
      {},
      use,
    ],
    [
      "a passive client waits for a restart when the protocol differs",
      daemon("1.5.0", { protocol: 2 }),
      {},
      { do: "wait", for: "restart" },
    ],
    [
      "a passive client that has waited for a restart refuses another protocol",
      daemon("1.5.0", { protocol: 2 }),
      { waitedOut: true },
      { do: "refuse", why: "passive-mismatch" },
    ],
    [
      "a passive client waits for a restart when the daemon refuses the handshake",
      refusing,
      {},
      { do: "wait", for: "restart" },
    ],
    [
      "a passive client that has waited for a restart refuses a daemon that refuses the handshake",
      refusing,
      { waitedOut: true },
      { do: "refuse", why: "passive-refused" },
    ],
    ["a passive client refuses a program that speaks no MCP", noise, {}, { do: "refuse", why: "no-mcp" }],
    ["a passive client that may not start a daemon waits for one", absent, {}, { do: "wait", for: "daemon" }],
    ["a passive client that may start a daemon starts it", absent, { mayStart: true }, start],
    [
      "a passive client does not replace a daemon that does not answer",
      { state: "silent" },
      {},
      { do: "refuse", why: "unresponsive" },
    ],
  ])("%s", (_name, found, more, expected) => {
    expect(decideOn(found, { ...passive, ...more })).toEqual(expected);
  });

  it("a passive client never restarts a daemon that answers", () => {
    const versions = ["", "dev", "1.3.0", "1.4.0", "1.5.0", "1.4.0-3-gaaaa"];
    const protocols = [undefined, 0, 1, 2];
    const roots = [undefined, HERE, THERE];
    for (const version of versions)
      for (const protocol of protocols)
        for (const installRoot of roots)
          for (const restarted of [false, true])
            for (const waitedOut of [false, true])
              for (const force of [false, true]) {
                const found = daemon(version, { protocol, installRoot });
                expect(decideOn(found, { ...passive, restarted, waitedOut, force }).do).not.toBe("restart");
              }
  });
});
