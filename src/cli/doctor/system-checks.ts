import { readFileSync, watch } from "node:fs";
import { join } from "node:path";

import { ENVIRONMENT } from "../../state/environment.js";
import { isLocked } from "../../state/lock.js";
import { requireSupportedPlatform } from "../../state/platform/support.js";
import { BUILD_INFO } from "../../install/build-info.js";
import type { Check, Patient } from "./check.js";

export function platformChecks(): Check[] {
  requireSupportedPlatform();
  const found = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 18)) return [{ what: "platform", status: "ok", found }];
  return [{ what: "platform", status: "problem", found, mend: "install Node 20.18 or newer" }];
}

/** flock is tried on a file of the installation, so that nothing has to be written. */
export function lockChecks({ spec }: Patient): Check[] {
  isLocked(join(spec.installed().root, BUILD_INFO));
  const taken = [spec.paths.daemonLock, spec.paths.restartLock].map((path) => isLocked(path));
  const words = taken.map((is, index) => `${index === 0 ? "daemon.lock" : "restart.lock"} ${is ? "taken" : "free"}`);
  return [{ what: "locks", status: "ok", found: `koffi and flock work; ${words.join(", ")}` }];
}

export function installationChecks({ spec }: Patient): Check[] {
  const { version, buildId, protocol, root } = spec.installed();
  return [
    {
      what: "installation",
      status: "ok",
      found: `${version}, build ${buildId ?? "unknown"}, protocol ${protocol ?? "unknown"}, ${root}`,
    },
  ];
}

export function environmentChecks({ env }: Patient): Check[] {
  const what = "environment";
  const checks: Check[] = [];
  const { testVersion, restartReason, lockFd } = ENVIRONMENT;
  for (const name of [testVersion, restartReason, lockFd]) {
    if (env[name] === undefined) continue;
    const found = `${name} is set; it is for tests and for daemons that are just being started`;
    checks.push({ what, status: "problem", found, mend: `unset ${name}` });
  }
  if (env["NODE_EXTRA_CA_CERTS"]) {
    const found =
      "NODE_EXTRA_CA_CERTS is set, which adds some 45 ms to the start of every Node process, this one included";
    checks.push({ what, status: "note", found, mend: "set it only where it is needed" });
  }
  if (env["NODE_OPTIONS"]) {
    const found = "NODE_OPTIONS is set; it changes this command, but neither the daemon nor its servers";
    checks.push({ what, status: "note", found });
  }
  if (env["LOCKSTEP_TRACE"]) {
    checks.push({
      what,
      status: "note",
      found: "LOCKSTEP_TRACE is set: every message on the wire is written down",
      mend: "unset LOCKSTEP_TRACE",
    });
  }
  return checks.length > 0 ? checks : [{ what, status: "ok", found: "nothing unusual is set" }];
}

/** A user has few inotify instances; programs that use them up make clients and followers poll. */
export function watchChecks({ spec }: Patient): Check[] {
  if (process.platform !== "linux") return [];
  const limit = readFileSync("/proc/sys/fs/inotify/max_user_instances", "utf8").trim();
  try {
    watch(spec.installed().root, { persistent: false }).close();
    return [{ what: "inotify", status: "ok", found: `an instance was to be had; a user may have ${limit}` }];
  } catch {
    const found = `no instance is left of the ${limit} that a user may have, so clients poll`;
    return [{ what: "inotify", status: "problem", found, mend: "sudo sysctl fs.inotify.max_user_instances=1024" }];
  }
}
