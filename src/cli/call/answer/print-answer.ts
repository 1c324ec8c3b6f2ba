import { EXIT } from "../../exit-code.js";
import type { Terminal } from "../../terminal/terminal.js";
import type { Call } from "../call.js";
import { saveAttachment } from "./saved-attachment.js";
import { readToolResult, resultText } from "./tool-result.js";

/** Prints the answer, a result as JSON text, as text or as the JSON that it is; returns the exit code. */
export function printAnswer(terminal: Terminal, json: boolean, { server, tool }: Call, answer: string): number {
  const result = readToolResult(answer);
  if (json) terminal.printJsonText(answer);
  else {
    const text = resultText(result, (data, type) => saveAttachment(tool, data, type));
    terminal.write(text);
    if (result.isError && text === "") {
      terminal.insist(`lockstep: ${server} ${tool}: the tool reported an error, and no text that explains it`);
    }
  }
  return result.isError ? EXIT.toolError : EXIT.done;
}
