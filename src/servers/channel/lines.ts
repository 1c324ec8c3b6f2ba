import { StringDecoder } from "node:string_decoder";

/** Longer lines are cut, so that a server's output cannot fill the memory. Twice as much as is logged of them. */
const MAX_LINE = 16 * 1024;

/** Divides a text stream into lines, without line ends and blank lines. Returns the sink for its chunks; `undefined` ends it. */
export function lineSplitter(onLine: (line: string) => void): (chunk: Buffer | undefined) => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const emit = (line: string): void => {
    const text = line.slice(0, MAX_LINE).trimEnd();
    if (text !== "") onLine(text);
  };
  return (chunk) => {
    const lines = (rest + (chunk === undefined ? decoder.end() : decoder.write(chunk))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) emit(line);
    if (chunk === undefined) {
      emit(rest);
      rest = "";
    } else if (rest.length > MAX_LINE) rest = rest.slice(0, MAX_LINE);
  };
}
