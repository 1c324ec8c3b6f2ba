/**
 * The known name that was most likely meant: at most a third of its letters differ (in short names one, but not all),
 * or it begins with the three or more letters typed. Undefined when no name is that close.
 */
export function suggest(typed: string, known: Iterable<string>): string | undefined {
  let best: { name: string; edits: number } | undefined;
  for (const name of known) {
    const edits = editDistance(typed.toLowerCase(), name.toLowerCase());
    const few = edits <= Math.max(1, name.length / 3) && edits < name.length;
    const close = few || (typed.length >= 3 && name.startsWith(typed));
    if (close && (!best || edits < best.edits)) best = { name, edits };
  }
  return best?.name;
}

/** `did you mean "status"?`, or `otherwise` when no known name is close. */
export function didYouMean(typed: string, known: Iterable<string>, otherwise: string): string {
  const name = suggest(typed, known);
  return name === undefined ? otherwise : `did you mean "${name}"?`;
}

/** Insertions, deletions, substitutions, and swaps of two neighbours, which are most typing errors. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, (before[j - 2] ?? 0) + 1);
      }
      next.push(edits);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
