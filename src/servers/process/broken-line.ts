/** What can still be recognised of a JSON object in a line that is not valid JSON. */
export interface BrokenObject {
  /** Byte offsets; `end` is the line's end when the object was not closed. */
  start: number;
  end: number;
  isClosed: boolean;
  /** Its own keys, in their order. */
  keys: ReadonlySet<string>;
  /** The JSON text of its id, when that is a string or a number. */
  idText: string | undefined;
}

/**
 * Finds the outermost JSON objects in a line, whether they stand alone, in an array (a batch of MCP 2025-03-26), one after
 * another or behind other text. Accepts everything that other programs are known to write into them: bytes that are not
 * UTF-8, NaN, raw control characters, any depth, and an end that is missing.
 */
export function findObjects(raw: Buffer): BrokenObject[] {
  // One character a byte, so that offsets are those of the bytes. All that is looked for is ASCII.
  const text = raw.toString("latin1");
  const objects: BrokenObject[] = [];
  for (let start = text.indexOf("{"); start !== -1;) {
    const object = walk(text, start);
    objects.push(object);
    start = text.indexOf("{", object.end);
  }
  return objects;
}

/**
 * The JSON text of the id with which a line ends, where many servers write it. A string in front of it may be broken, so
 * nothing else is read. `isMessage`: the line is known to be a message; otherwise its version has to stand beside the id.
 */
export function idAtEnd(tail: Buffer, isMessage: boolean): string | undefined {
  const text = tail.toString("latin1");
  const found = BEFORE_VERSION.exec(text) ?? BEHIND_VERSION.exec(text) ?? (isMessage ? LAST.exec(text) : undefined);
  return found?.[1];
}

const ID = String.raw`"id"\s*:\s*(-?\d+|"(?:[^"\\]|\\.){0,200}")\s*`;
const VERSION = String.raw`"jsonrpc"\s*:\s*"2\.0"\s*`;
const BEFORE_VERSION = new RegExp(`${ID},\\s*${VERSION}\\}\\s*$`);
const BEHIND_VERSION = new RegExp(`${VERSION},\\s*${ID}\\}\\s*$`);
const LAST = new RegExp(`,\\s*${ID}\\}\\s*$`);

/** Walks one object without recursion, so that its depth does not matter. */
function walk(text: string, start: number): BrokenObject {
  const keys = new Set<string>();
  let idText: string | undefined;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    switch (text.charAt(at)) {
      case "{":
      case "[":
        depth++;
        break;
      case "}":
      case "]":
        if (--depth === 0) return { start, end: at + 1, isClosed: true, keys, idText };
        break;
      case '"': {
        const end = stringEnd(text, at);
        const colon = depth === 1 ? skipBlanks(text, end) : -1;
        if (text[colon] === ":") {
          const key = text.slice(at + 1, end - 1);
          keys.add(key);
          if (key === "id") idText = scalarAt(text, skipBlanks(text, colon + 1)) ?? idText;
          at = colon;
        } else at = end - 1;
      }
    }
  }
  return { start, end: text.length, isClosed: false, keys, idText };
}

/** Behind the closing quote, or the text's end. */
function stringEnd(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function skipBlanks(text: string, at: number): number {
  while (text[at] === " " || text[at] === "\t" || text[at] === "\r") at++;
  return at;
}

function scalarAt(text: string, at: number): string | undefined {
  SCALAR.lastIndex = at;
  return SCALAR.exec(text)?.[0];
}

/** A number only if something follows: the rest of it may be cut off. */
const SCALAR = /-?\d+(?:\.\d+)?(?=[\s,}])|"(?:[^"\\]|\\.){0,200}"/y;
