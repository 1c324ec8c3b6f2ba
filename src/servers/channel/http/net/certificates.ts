import { X509Certificate } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";

import type { Environment } from "./proxy.js";

export interface Trust {
  context: SecureContext;
  /** False when `NODE_TLS_REJECT_UNAUTHORIZED=0` switches the check of certificates off. */
  rejectUnauthorized: boolean;
  /** What could not be used, for the log. */
  problems: string[];
}

/**
 * The certificate authorities that remote servers are checked against: Node's own, and those that NODE_EXTRA_CA_CERTS,
 * SSL_CERT_FILE and SSL_CERT_DIR of the login environment name. Node reads these variables only from its own
 * environment, which depends on the program that happened to start the daemon.
 */
export async function trustOf(env: Environment): Promise<Trust> {
  const problems: string[] = [];
  const extra = (await Promise.all((await filesIn(env, problems)).map((file) => authoritiesIn(file, problems)))).flat();
  // Without extra ones Node's default store is used, which some distributions replace by the system's.
  const isPlain = extra.length === 0 && !process.env["NODE_EXTRA_CA_CERTS"];
  const context = createSecureContext(isPlain ? {} : { ca: [...new Set([...rootCertificates, ...extra])] });
  return { context, rejectUnauthorized: env["NODE_TLS_REJECT_UNAUTHORIZED"] !== "0", problems };
}

interface NamedFile {
  path: string;
  variable: string;
  /** A directory of certificates usually contains other files as well. */
  mayBeOther: boolean;
}

async function filesIn(env: Environment, problems: string[]): Promise<NamedFile[]> {
  const files: NamedFile[] = [];
  for (const variable of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]) {
    const path = env[variable];
    if (path) files.push({ path, variable, mayBeOther: false });
  }
  for (const directory of (env["SSL_CERT_DIR"] ?? "").split(":").filter((path) => path !== "")) {
    try {
      for (const name of await readdir(directory)) {
        files.push({ path: join(directory, name), variable: "SSL_CERT_DIR", mayBeOther: true });
      }
    } catch (error) {
      problems.push(`SSL_CERT_DIR of the login environment names ${directory}, which cannot be read: ${codeOf(error)}`);
    }
  }
  return files;
}

async function authoritiesIn({ path, variable, mayBeOther }: NamedFile, problems: string[]): Promise<string[]> {
  try {
    const text = await readFile(path, "latin1");
    const found = (text.match(PEM) ?? []).filter(isCertificate);
    if (found.length > 0 || mayBeOther) return found;
    problems.push(`${variable} of the login environment names ${path}, which contains no certificate`);
  } catch (error) {
    if (!mayBeOther) {
      problems.push(`${variable} of the login environment names ${path}, which cannot be read: ${codeOf(error)}`);
    }
  }
  return [];
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

const PEM = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
