import { statSync } from "node:fs";

/**
 * True if the code in `codeFile` was replaced after this process started: what runs may then not be what
 * `build-info.json` describes now.
 */
export function replacedWhileStarting(codeFile: string): boolean {
  return statSync(codeFile).ctimeMs > performance.timeOrigin;
}
