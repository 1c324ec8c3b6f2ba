import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How an installation came onto this machine, and so what replaces it by a newer one. */
export type Distribution =
  | { is: "checkout" }
  | { is: "npm" }
  /** A package manager owns it; `format` as electron-builder calls it: deb, rpm, pacman. */
  | { is: "package"; format: string }
  | { is: "appimage"; file: string }
  | { is: "mac"; binary: string }
  /** An unpacked archive. */
  | { is: "unpacked"; binary: string };

/** What the file system and the environment say of an installation. */
export interface DistributionFacts {
  /** The directory of the command line, the daemon and build-info.json. */
  codeDir: string;
  platform: NodeJS.Platform;
  /** The AppImage that it belongs to. */
  appImage: string | undefined;
  /** What stands in `package-type` beside it, which packages for package managers bring along. */
  packageType: string | undefined;
  exists: (path: string) => boolean;
}

/** Pure. */
export function distributionOf({ codeDir, platform, appImage, packageType, exists }: DistributionFacts): Distribution {
  if (/\/node_modules\/lockstep\//.test(`${codeDir}/`)) return { is: "npm" };
  if (appImage !== undefined) return { is: "appimage", file: appImage };
  const macBinary = join(codeDir, "../../MacOS/Lockstep");
  if (platform === "darwin" && exists(macBinary)) return { is: "mac", binary: macBinary };
  const binary = join(codeDir, "../../lockstep-app");
  if (!exists(binary)) return { is: "checkout" };
  if (packageType !== undefined) return { is: "package", format: packageType };
  // Packages without a feed carry no package-type, but lie where nobody unpacks an archive.
  return /^\/(opt|usr)\//.test(codeDir) ? { is: "package", format: "deb" } : { is: "unpacked", binary };
}

/** Reads the facts and decides. `appImage`: its file, where the caller knows it. */
export function distributionAt(codeDir: string, appImage: string | undefined): Distribution {
  return distributionOf({
    codeDir,
    platform: process.platform,
    appImage,
    packageType: textOf(join(codeDir, "../package-type")),
    exists: existsSync,
  });
}

/** How an installation that does not update itself is updated: half a sentence. Pure. */
export function howToUpdate(distribution: Distribution): string {
  switch (distribution.is) {
    case "checkout":
      return "it runs from its sources: git pull && npm ci && npm run build";
    case "npm":
      return "npm installed it: npm install -g lockstep";
    case "package":
      return distribution.format === "deb"
        ? "apt owns it: download the new package, then sudo apt install ./lockstep_*.deb"
        : `your package manager owns it: install the new ${distribution.format} package`;
    case "unpacked":
      return `it was unpacked from an archive: unpack the new tar.gz in its place (${join(distribution.binary, "..")})`;
    case "appimage":
      return `download the new AppImage in the place of ${distribution.file}`;
    case "mac":
      return "download the new app, or: brew upgrade --cask lockstep";
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
