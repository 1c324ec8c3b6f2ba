// Who holds a lock or works in a directory, recorded so that a later program can judge whether that process still runs.
// A PID alone says little: containers give the same ones again and again, and two containers can share one tree.
import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "holder";
const BEAT_MS = 1_000;

/**
 * @typedef {object} Holder
 * @property {number} pid
 * @property {string} startedAt when the process started, as the system says it; tells apart processes with the same PID
 * @property {string} place the boot and the PID namespace, within which PIDs can be compared
 */

/** Records in `directory` that this process holds it. @param {string} directory */
export function recordHolder(directory) {
  const { pid } = process;
  /** @type {Holder} */
  const holder = { pid, startedAt: startOf(pid) ?? "unknown", place: place() };
  writeFileSync(join(directory, FILE), JSON.stringify(holder));
}

/**
 * Shows every second that this process is alive, also to those who can't see it because they run in another container.
 * @param {string} directory
 * @returns {() => void} ends that
 */
export function startBeating(directory) {
  const beating = setInterval(() => {
    try {
      utimesSync(join(directory, FILE), new Date(), new Date());
    } catch {
      // The directory was removed; the work goes on.
    }
  }, BEAT_MS);
  beating.unref();
  return () => clearInterval(beating);
}

/**
 * @param {string} directory
 * @returns {{ text: string, holder: Holder | undefined } | undefined} undefined without a record, as while it is removed;
 *   without `holder` the record is not one of these
 */
export function readHolder(directory) {
  let text;
  try {
    text = readFileSync(join(directory, FILE), "utf8");
  } catch {
    return undefined;
  }
  try {
    const { pid, startedAt, place } = JSON.parse(text);
    const isOne = Number.isInteger(pid) && typeof startedAt === "string" && typeof place === "string";
    return { text, holder: isOne ? { pid, startedAt, place } : undefined };
  } catch {
    return { text, holder: undefined };
  }
}

/** "unseen" for a process of another boot, machine or container. @param {Holder} holder @returns {"alive" | "dead" | "unseen"} */
export function stateOf(holder) {
  if (holder.place !== place()) return "unseen";
  return startOf(holder.pid) === holder.startedAt ? "alive" : "dead";
}

/** @param {number} pid @returns {string | undefined} undefined without such a process */
function startOf(pid) {
  if (process.platform !== "linux") {
    return spawnSync("/bin/ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8" }).stdout.trim() || undefined;
  }
  try {
    // The name before it may contain spaces and parentheses. Field 22 is the start, in clock ticks since the boot.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function place() {
  if (process.platform !== "linux") return "this machine";
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "unknown";
  }
}
