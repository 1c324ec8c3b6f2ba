import { readFileSync, watch } from "node:fs";
import { join } from "node:path";

import { ENVIRONMENT } from "../../state/environment.js";
import { isLocked } from "../../state/lock.js";
import { requireSupportedPlatform } from "../../state/platform/support.js";
import { BUILD_INFO } from "../../install/build-info.js";
import type { Check, DoctorContext } from "./check.js";

export function platformChecks(): Check[] {
  requireSupportedPlatform();
  const found = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 18)) return [{ what: "platform", status: "ok", found }];
  return [{ what: "platform", status: "problem", found, fix: "install Node 20.18 or newer" }];
}

/** flock is tried on a file of the installation, so that nothing needs to be written. */
export function lockChecks({ spec }: DoctorContext): Check[] {
  isLocked(join(spec.installed().root, BUILD_INFO));
  const taken = [spec.paths.daemonLock, spec.paths.restartLock].map((path) => isLocked(path));
  const words = taken.map((is, index) => `${index === 0 ? "daemon.lock" : "restart.lock"} ${is ? "taken" : "free"}`);
  return [{ what: "locks", status: "ok", found: `koffi and flock work; ${words.join(", ")}` }];
}

export function installationChecks({ spec }: DoctorContext): Check[] {
  const { version, buildId, protocol, root } = spec.installed();
  return [
    {
      what: "installation",
      status: "ok",
      found: `${version}, build ${buildId ?? "unknown"}, protocol ${protocol ?? "unknown"}, ${root}`,
    },
  ];
}

export function environmentChecks({ env }: DoctorContext): Check[] {
  const what = "environment";
  const checks: Check[] = [];
  const { testVersion, restartReason, lockFd } = ENVIRONMENT;
  for (const name of [testVersion, restartReason, lockFd]) {
    if (env[name] === undefined) continue;
    const found = `${name} is set; it is meant for tests and for a daemon that is being started`;
    checks.push({ what, status: "problem", found, fix: `unset ${name}` });
  }
  if (env["NODE_EXTRA_CA_CERTS"]) {
    const found =
      "NODE_EXTRA_CA_CERTS is set, which adds some 45 ms to the start of every Node process, this one included";
    checks.push({
      what,
      status: "note",
      found,
      fix: "keep it if your network has certificates of its own, else unset it",
    });
  }
  if (env["NODE_OPTIONS"]) {
    const found = "NODE_OPTIONS is set; it changes this command, but neither the daemon nor its servers";
    checks.push({ what, status: "note", found });
  }
  if (env["LOCKSTEP_TRACE"]) {
    checks.push({
      what,
      status: "note",
      found: "LOCKSTEP_TRACE is set: every message on the wire is logged",
      fix: "unset LOCKSTEP_TRACE",
    });
  }
  return checks.length > 0 ? checks : [{ what, status: "ok", found: "nothing unusual is set" }];
}

/** inotify instances are limited per user. When other programs use them up, clients and followers have to poll. */
export function watchChecks({ spec }: DoctorContext): Check[] {
  if (process.platform !== "linux") return [];
  const limit = readFileSync("/proc/sys/fs/inotify/max_user_instances", "utf8").trim();
  try {
    watch(spec.installed().root, { persistent: false }).close();
    return [{ what: "inotify", status: "ok", found: `available; the limit per user is ${limit}` }];
  } catch {
    const found = `all ${limit} instances of this user are in use, so clients poll`;
    return [{ what: "inotify", status: "problem", found, fix: "sudo sysctl fs.inotify.max_user_instances=1024" }];
  }
}
