/** The fields of a server's entry that may contain secrets. */
export interface SecretFields {
  env: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  url: string | undefined;
}

/** Redacting shorter values would make a log unreadable, and protect little. */
const MIN_LENGTH = 6;

/** The values in these fields that must not be shown, the longest first. */
export function secretsOfEntry({ env, headers, url }: SecretFields): string[] {
  // In "Bearer abc" the second word is the secret. The user part and query of a URL may hold tokens, too.
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
