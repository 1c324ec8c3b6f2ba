import { availableParallelism, loadavg } from "node:os";

import { benchCall } from "./call.js";
import { benchCrowd } from "./crowd.js";
import { benchDaemon } from "./daemon.js";
import { benchLog } from "./log.js";
import { benchStampede } from "./stampede.js";
import { benchTray } from "./tray.js";

const BENCHES: Record<string, () => Promise<void>> = {
  call: benchCall,
  daemon: benchDaemon,
  crowd: benchCrowd,
  stampede: benchStampede,
  log: benchLog,
  tray: benchTray,
};

const args = process.argv.slice(2);
const asked = args.filter((arg) => !arg.startsWith("--skip="));
const unknown = asked.filter((name) => BENCHES[name] === undefined);
if (unknown.length > 0) {
  console.error(`unknown benchmark: ${unknown.join(", ")}; there are: ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}
console.log(`Node ${process.version}, ${availableParallelism()} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}`);
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
  if (args.includes(`--skip=${name}`)) continue;
  console.log(`\n${name}`);
  await BENCHES[name]?.();
}
