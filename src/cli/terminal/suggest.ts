/** The known name that was most likely meant: few edits away, or begun with what was typed; undefined when none is near. */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  let best: { name: string; edits: number } | undefined;
  for (const name of known) {
    const edits = editDistance(typed.toLowerCase(), name.toLowerCase());
    const near = edits <= Math.floor(name.length / 3) || (typed.length >= 3 && name.startsWith(typed));
    if (near && (!best || edits < best.edits)) best = { name, edits };
  }
  return best?.name;
}

/** `did you mean "status"?`, or, when nothing is near, what to say instead. */
export function didYouMean(typed: string, known: Iterable<string>, otherwise: string): string {
  const name = nearest(typed, known);
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
