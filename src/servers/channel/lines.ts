import { StringDecoder } from "node:string_decoder";

/** The longest line that is passed on; the rest of it is dropped, so that a server's flood cannot fill the memory. */
const MAX_LINE = 8 * 1024;

/** Gives out the lines of a text stream, without line ends and blank ones. Returns the sink for its chunks; `undefined` ends it. */
export function lineSplitter(onLine: (line: string) => void): (chunk: Buffer | undefined) => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const give = (line: string): void => {
    const text = line.trimEnd();
    if (text !== "") onLine(text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text);
  };
  return (chunk) => {
    const lines = (rest + (chunk === undefined ? decoder.end() : decoder.write(chunk))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) give(line);
    if (chunk === undefined) {
      give(rest);
      rest = "";
    } else if (rest.length > 2 * MAX_LINE) rest = rest.slice(0, 2 * MAX_LINE);
  };
}
