/**
 * Names the process that `cli (pid 812)` stands for; `ownPid` is this app's. Text of another form stays as it is.
 */
export function actor(by: string, ownPid: number): string {
  const match = /^(\w+) \(pid (\d+)\)$/.exec(by);
  if (!match) return by === "foreground" ? "a terminal, in the foreground" : by;
  const [, role, pid] = match;
  return Number(pid) === ownPid ? "this app" : `${ROLES[role ?? ""] ?? role} (PID ${pid})`;
}

/** The same without the PID, where there is only room for a word. */
export function actorShortly(by: string, ownPid: number): string {
  return actor(by, ownPid).replace(/ \(PID \d+\)$|, in the foreground$/, "");
}

const ROLES: Record<string, string> = {
  cli: "a terminal",
  tray: "the app",
  bridge: "an editor",
  library: "a program",
};
