import { blotter } from "../../../src/text/blot.js";

/** What a report must not reveal about its author. */
export interface Private {
  home: string;
  user: string;
  host: string;
  /** Values known to be secret, such as those of servers.json's env and headers. */
  secrets: readonly string[];
}

/** `text` without these, and without anything that has the form of a secret. */
export function scrubbed(text: string, { home, user, host, secrets }: Private): string {
  const bare = blotter(secrets, HIDDEN)(text);
  // The patterns backtrack within a line, so a line of megabytes would block the app.
  let clean = bare.replace(LONG_LINE, "$1 [cut]");
  for (const [pattern, replacement] of SECRET_FORMS) clean = clean.replace(pattern, replacement);
  if (home.length > 1) clean = clean.replace(new RegExp(`${escaped(home)}(?![\\w.-])`, "g"), "~");
  clean = withoutName(clean, user, "user");
  return withoutName(clean, host, "host");
}

const HIDDEN = "[hidden]";
const LONG_LINE = /^(.{2000}).+$/gm;

/** Each pattern with its replacement, which keeps the name before the secret. */
const SECRET_FORMS: [RegExp, string][] = [
  // Telling names, with a value in any common notation: API_KEY=…, "token": "…", --password …
  [
    /((?:^|[^a-z])[\w-]*(?:api[_-]?key|token|secret|passw(?:or)?d|pwd|credential|cookie|private[_-]?key|access[_-]?key)[\w-]*["']?\s*[=:]\s*["']?|--[\w-]*(?:token|secret|password|key)[= ])([^\s"',;}]+)/gi,
    `$1${HIDDEN}`,
  ],
  [/\b(authorization["']?\s*[=:]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;}]+/gi, `$1${HIDDEN}`],
  [/\b(bearer\s+)[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
  // user:password@ in a URL. Secrets in its query are caught by their names above.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${HIDDEN}@`],
  // Forms of well-known services' keys, and JSON web tokens.
  [
    /\b(?:sk|pk|rk)[-_][\w-]{16,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}/g,
    HIDDEN,
  ],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
];

/** Replaces whole words only, and no name that is so short or common that the report would become unreadable. */
function withoutName(text: string, name: string, what: string): string {
  if (name.length < 3 || name === "root" || name === "localhost" || name === "lockstep") return text;
  return text.replace(new RegExp(`(?<![\\w])${escaped(name)}(?![\\w])`, "gi"), `[${what}]`);
}

function escaped(text: string): string {
  return text.replace(/[^\w ]/g, "\\$&");
}
