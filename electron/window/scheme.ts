import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { protocol, type Session } from "electron";
import { contentSecurityPolicy } from "./content-security-policy.js";
import { SCHEME, servedFile } from "./served-file.js";

/** Has to run before Electron is ready, or Chromium treats the scheme as one without an origin. */
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
          // After an update the cache would serve files of the old version.
          "Cache-Control": "no-store",
        },
      });
    } catch {
      // A 404 would be shown, as an empty page.
      return Response.error();
    }
  });
}
