/**
 * A filter that replaces every occurrence of the given secrets by `mark`. Values under 4 characters protect little and
 * would take half of every text with them, so they stay. Those under 8 are replaced as whole words only.
 */
export function blotter(secrets: Iterable<string>, mark = "…"): (text: string) => string {
  const needles = [...new Set(secrets)].filter((secret) => secret.length >= SHORTEST);
  if (needles.length === 0) return (text) => text;
  return (text) => {
    const found = needles.flatMap((needle) => occurrences(text, needle));
    return found.length === 0 ? text : replaceAllOf(text, found, mark);
  };
}

const SHORTEST = 4;
const LONG = 8;

interface Range {
  start: number;
  end: number;
}

/** Overlapping ones as well: `aa` is in `aaa` twice. */
function occurrences(text: string, needle: string): Range[] {
  const ranges: Range[] = [];
  for (let start = text.indexOf(needle); start !== -1; start = text.indexOf(needle, start + 1)) {
    const end = start + needle.length;
    if (needle.length >= LONG || isWord(text, start, end)) ranges.push({ start, end });
  }
  return ranges;
}

function isWord(text: string, start: number, end: number): boolean {
  return !WORD.test(text.charAt(start - 1)) && !WORD.test(text.charAt(end));
}

const WORD = /[\p{L}\p{N}]/u;

/** Secrets may overlap, or contain one another, and no part of any may remain. */
function replaceAllOf(text: string, ranges: Range[], mark: string): string {
  ranges.sort((a, b) => a.start - b.start);
  let clean = "";
  let from = 0;
  for (const { start, end } of ranges) {
    if (start > from || clean === "") clean += text.slice(from, start) + mark;
    from = Math.max(from, end);
  }
  return clean + text.slice(from);
}
