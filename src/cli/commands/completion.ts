import { COMPLETIONS } from "../completion.js";
import { EXIT, UsageError } from "../exit-code.js";
import type { Invocation } from "../invocation.js";

export async function run({ positionals, terminal }: Invocation<"completion">): Promise<number> {
  const [shell = ""] = positionals;
  const script = Object.hasOwn(COMPLETIONS, shell) ? COMPLETIONS[shell] : undefined;
  if (!script) throw new UsageError(`no completion for "${shell}"; supported: ${Object.keys(COMPLETIONS).join(", ")}`);
  terminal.print(script());
  return EXIT.done;
}
