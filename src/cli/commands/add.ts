import { problemWithName } from "../../config/server-config.js";
import { addServer } from "../../config/edit-servers.js";
import { prepareDirectory } from "../../state/directory.js";
import { EXIT, UsageError } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { reloadDaemon } from "../daemon/reload-daemon.js";
import { entryOf, readServerEntry } from "../server-entry.js";

export async function run(invocation: Invocation<"add">): Promise<number> {
  const { positionals, behindDashes, options, terminal, json } = invocation;
  const [name = "", ...words] = positionals;
  const wrong = problemWithName(name);
  if (wrong !== undefined) throw new UsageError(`"${name}": ${wrong}`);
  const { url, header, env, force } = options;
  const entry = entryOf({ command: [...words, ...behindDashes], url, header, env });

  const spec = specOf(invocation);
  const file = spec.paths.servers;
  prepareDirectory(spec.paths);
  const before = readServerEntry(file, name);
  if (before !== undefined && !force) {
    throw new Error(`a server "${name}" already exists: use --force to replace it, or choose another name (${file})`);
  }
  addServer(file, name, entry, { replace: true });
  if (json) terminal.printJson({ name, added: entry, replaced: before ?? null, file });
  else terminal.print(`${before === undefined ? "added" : "replaced"} ${name} in ${file}`);
  terminal.say(`lockstep: ${await reloadDaemon(spec)}`);
  return EXIT.done;
}
