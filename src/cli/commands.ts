import { runCli, type CommandModules } from "./run-cli.js";

/** Each command is loaded when it is run: `status` shall not pay for the doctor. */
const MODULES: CommandModules = {
  serve: () => import("./commands/serve.js"),
  start: () => import("./commands/start.js"),
  stop: () => import("./commands/stop.js"),
  "kill-daemon": () => import("./commands/kill-daemon.js"),
  restart: () => import("./commands/restart.js"),
  status: () => import("./commands/status.js"),
  logs: () => import("./commands/logs.js"),
  servers: () => import("./commands/servers.js"),
  tools: () => import("./commands/tools.js"),
  call: () => import("./commands/call.js"),
  add: () => import("./commands/add.js"),
  remove: () => import("./commands/remove.js"),
  doctor: () => import("./commands/doctor.js"),
  completion: () => import("./commands/completion.js"),
  help: () => import("./commands/help.js"),
  version: () => import("./commands/version.js"),
};

runCli(process.argv.slice(2), MODULES);
