import { realpathSync } from "node:fs";

import { thisProgram } from "../../client/spec/lockstep-spec.js";
import { readBuildInfo } from "../../install/build-info.js";
import { EXIT } from "../exit-code.js";
import type { Invocation } from "../invocation.js";

export async function run({ terminal, json }: Invocation<"version">): Promise<number> {
  const { version, buildId, protocol, root } = readBuildInfo(realpathSync(thisProgram().codeDir));
  if (json) terminal.printJson({ version, buildId, protocol, root });
  else terminal.print(`lockstep ${version} (build ${buildId ?? "unknown"}, protocol ${protocol ?? "unknown"})`);
  return EXIT.done;
}
