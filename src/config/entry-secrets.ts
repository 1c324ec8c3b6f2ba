/** Where a server's entry keeps what nobody else may read. */
export interface SecretFields {
  env: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  url: string | undefined;
}

/** Shorter values would blot out half of every line, and guard nothing. */
const MIN_LENGTH = 6;

/** The values in these places that are to be told to nobody, the longest first. Pure. */
export function secretsOfEntry({ env, headers, url }: SecretFields): string[] {
  // Of "Bearer abc" the second word is the secret; a URL's user part and query hold tokens, too.
  const ofHeaders = Object.values(headers).flatMap((value) => [value, ...value.split(/\s+/)]);
  const all = [...Object.values(env), ...ofHeaders, ...(url === undefined ? [] : secretsOfUrl(url))];
  const long = all.filter((value) => value.length >= MIN_LENGTH && value !== "Bearer");
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

function secretsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, searchParams } = new URL(url);
  return [username, password, ...searchParams.values()];
}
