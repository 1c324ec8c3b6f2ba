import { removeServer } from "../../config/edit-servers.js";
import { prepareDirectory } from "../../state/directory.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { reloadDaemon } from "../daemon/reload-daemon.js";
import { readServerEntry } from "../server-entry.js";

export async function run(invocation: Invocation<"remove">): Promise<number> {
  const { positionals, terminal, json } = invocation;
  const [name = ""] = positionals;
  const spec = specOf(invocation);
  const file = spec.paths.servers;
  prepareDirectory(spec.paths);
  const removed = readServerEntry(file, name);
  removeServer(file, name);
  if (json) terminal.printJson({ name, removed, file });
  else {
    // On stdout, so that it can be saved and added again.
    terminal.print(JSON.stringify({ [name]: removed }, undefined, 2));
    terminal.say(`lockstep: removed ${name} from ${file}`);
  }
  terminal.say(`lockstep: ${await reloadDaemon(spec)}`);
  return EXIT.done;
}
