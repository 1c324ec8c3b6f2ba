// Valid JSON text taken apart and laid out as text: parsing and writing it anew would change numbers beyond 2^53.

/** The text of the member `key` of the object `json`; undefined without such a member. The first of several counts. */
export function memberText(json: string, key: string): string | undefined {
  const wanted = JSON.stringify(key);
  let name: string | undefined;
  let start = 0;
  let end = 0;
  scan(json, (char, at, depth, text) => {
    if (depth !== 1) return false;
    if (start === 0) {
      if (char === ":" && name === wanted) start = at + 1;
      name = text;
    } else if (char === "," || char === "}") end = at;
    return end > 0;
  });
  return end > 0 ? json.slice(start, end).trim() : undefined;
}

/** The texts of the elements of the array `json`. */
export function elementTexts(json: string): string[] {
  const elements: string[] = [];
  let start = json.indexOf("[") + 1;
  scan(json, (char, at, depth) => {
    if (depth !== 1 || (char !== "," && char !== "]")) return;
    const element = json.slice(start, at).trim();
    if (element !== "") elements.push(element);
    start = at + 1;
  });
  return elements;
}

/** The same JSON, laid out by two spaces a level as `JSON.stringify(value, undefined, 2)` does. */
export function indented(json: string): string {
  let out = "";
  /** What precedes the next token: a new line, unless the bracket that it follows turns out to be empty. */
  let before = "";
  let from = 0;
  const put = (token: string, next = ""): void => {
    if (token === "") return;
    out += before + token;
    before = next;
  };
  const line = (depth: number): string => `\n${"  ".repeat(depth)}`;
  scan(json, (char, at, depth, text) => {
    put(json.slice(from, at).trim());
    from = at + (text ?? char).length;
    if (text !== undefined) put(text);
    else if (char === "{" || char === "[") put(char, line(depth));
    else if (char === "}" || char === "]") {
      before = before === "" ? line(depth - 1) : "";
      put(char);
    } else put(char, char === "," ? line(depth) : " ");
  });
  put(json.slice(from).trim());
  return out;
}

/** `text` is given for a string, with its quotes. Returns true to end the scan. */
type Visit = (char: string, at: number, depth: number, text: string | undefined) => boolean | void;

/** Visits every bracket, comma, colon and string, with the depth of the object or array that it belongs to. */
function scan(json: string, visit: Visit): void {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const start = at;
    const char = json[at] ?? "";
    if (char === '"') while (json[++at] !== '"') if (json[at] === "\\") at++;
    if (char === "{" || char === "[") depth++;
    if ('{}[],:"'.includes(char)) {
      if (visit(char, start, depth, char === '"' ? json.slice(start, at + 1) : undefined) === true) return;
    }
    if (char === "}" || char === "]") depth--;
  }
}
