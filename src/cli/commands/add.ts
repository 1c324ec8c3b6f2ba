import { problemWithName } from "../../config/server-config.js";
import { addServer } from "../../config/edit-servers.js";
import { prepareDirectory } from "../../state/directory.js";
import { EXIT, UsageError } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { reloadDaemon } from "../daemon/reload-daemon.js";
import { entryOf } from "../server-entry.js";
import { withoutSecrets } from "../shown-entry.js";

export async function run(invocation: Invocation<"add">): Promise<number> {
  const { positionals, behindDashes, options, terminal, json } = invocation;
  const [name = "", ...words] = positionals;
  const wrong = problemWithName(name);
  if (wrong !== undefined) throw new UsageError(`"${name}": ${wrong}`);
  const { url, header, env, force } = options;
  const entry = entryOf({ command: [...words, ...behindDashes], url, header, env });

  const spec = specOf(invocation);
  const { servers: file } = spec.paths;
  prepareDirectory(spec.paths);
  const replaced = await addServer(spec.paths, name, entry, { replace: force === true });
  if (json) {
    const added = JSON.stringify({ name, added: entry, file }).slice(0, -1);
    terminal.printJsonText(`${added},"replaced":${replaced ?? "null"}}`);
  } else if (replaced === undefined) terminal.print(`added ${name} in ${file}`);
  else {
    terminal.print(`replaced ${name} in ${file}`);
    terminal.say(`lockstep: the entry was, without its secrets: ${withoutSecrets(replaced)}`);
  }
  terminal.say(`lockstep: ${await reloadDaemon(spec)}`);
  return EXIT.done;
}
