/** The first offset at or after `at` that is not inside a UTF-8 character. */
export function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start < at + 3 && start < bytes.length && isInside(bytes[start]!)) start++;
  return start;
}

/** The number of bytes at the end that belong to an incomplete character. */
export function brokenTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (!isInside(byte)) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

/** Decodes `bytes`, without an incomplete character at the end. */
export function wholeCharacters(bytes: Buffer): string {
  return bytes.toString("utf8", 0, bytes.length - brokenTail(bytes));
}

function isInside(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function characterLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}
