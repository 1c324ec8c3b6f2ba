import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { protocol, type Session } from "electron";
import { contentSecurityPolicy } from "./content-security-policy.js";

const SCHEME = "app";
export const ORIGIN = `${SCHEME}://lockstep`;
export const INDEX_URL = `${ORIGIN}/index.html`;

/** The only kinds of file that the window is made of. */
const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
};

/** Before Electron is ready, or Chromium treats the scheme as one without an origin. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true } }]);
}

/** Serves the files of `folder`, and nothing else, to the windows of `session`. */
export function serveScheme(session: Session, folder: string): void {
  session.protocol.handle(SCHEME, async ({ method, url }) => {
    const file = method === "GET" ? servedFile(url) : undefined;
    if (file === undefined) return new Response(null, { status: 404 });
    try {
      return new Response(await readFile(join(folder, file.name)), {
        headers: {
          "Content-Type": file.type,
          "Content-Security-Policy": contentSecurityPolicy(),
          "X-Content-Type-Options": "nosniff",
          // Which file belongs to which version is settled by the installation, not by a cache.
          "Cache-Control": "no-store",
        },
      });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
}

/** The file that a URL names: directly in the folder and of a known kind, so that no path can lead elsewhere. Pure. */
export function servedFile(url: string): { name: string; type: string } | undefined {
  const name = /^app:\/\/lockstep\/([\w-]+\.\w+)(?:[?#].*)?$/.exec(url)?.[1];
  const type = name === undefined ? undefined : TYPES[name.split(".")[1] ?? ""];
  return name === undefined || type === undefined ? undefined : { name, type };
}
