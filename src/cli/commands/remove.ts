import { removeServer } from "../../config/edit-servers.js";
import { indented } from "../../text/json-text.js";
import { prepareDirectory } from "../../state/directory.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { reloadDaemon } from "../daemon/reload-daemon.js";

export async function run(invocation: Invocation<"remove">): Promise<number> {
  const { positionals, terminal, json } = invocation;
  const [name = ""] = positionals;
  const spec = specOf(invocation);
  const { servers: file } = spec.paths;
  prepareDirectory(spec.paths);
  const removed = await removeServer(spec.paths, name);
  if (json)
    terminal.printJsonText(`{"name":${JSON.stringify(name)},"removed":${removed},"file":${JSON.stringify(file)}}`);
  else {
    // On stdout, so that it can be saved and added again.
    terminal.print(indented(`{${JSON.stringify(name)}:${removed}}`));
    terminal.say(`lockstep: removed ${name} from ${file}`);
  }
  terminal.say(`lockstep: ${await reloadDaemon(spec)}`);
  return EXIT.done;
}
