export const SCHEME = "app";
export const ORIGIN = `${SCHEME}://lockstep`;
export const INDEX_URL = `${ORIGIN}/index.html`;

/** The kinds of file that the window uses. */
const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
};

/** The file that a URL names, directly in the folder and of a known kind, so that no path leads out of it. */
export function servedFile(url: string): { name: string; type: string } | undefined {
  if (!url.startsWith(`${ORIGIN}/`)) return undefined;
  const path = url.slice(ORIGIN.length + 1).replace(/[?#].*$/, "");
  const [, extension = ""] = /^[\w-]+\.(\w+)$/.exec(path) ?? [];
  const type = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
  return type === undefined ? undefined : { name: path, type };
}
