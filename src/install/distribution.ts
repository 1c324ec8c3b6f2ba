import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How an installation came onto this machine, and so how it is updated. */
export type Distribution =
  | { is: "checkout" }
  | { is: "npm" }
  /** A package manager installed it; `format` as electron-builder calls it: deb, rpm, pacman. */
  | { is: "package"; format: string }
  | { is: "appimage"; file: string }
  | { is: "mac"; binary: string }
  /** An unpacked archive. */
  | { is: "unpacked"; binary: string };

/** What is known of an installation from the file system and the environment. */
export interface DistributionFacts {
  /** The directory of the command line, the daemon and build-info.json. */
  codeDir: string;
  platform: NodeJS.Platform;
  /** The file of the AppImage that it belongs to. */
  appImage: string | undefined;
  /** The content of the file `package-type` beside it, which packages for package managers contain. */
  packageType: string | undefined;
  exists: (path: string) => boolean;
}

export function distributionOf({ codeDir, platform, appImage, packageType, exists }: DistributionFacts): Distribution {
  if (/\/node_modules\/lockstep\//.test(`${codeDir}/`)) return { is: "npm" };
  if (appImage !== undefined) return { is: "appimage", file: appImage };
  const macBinary = join(codeDir, "../../MacOS/Lockstep");
  if (platform === "darwin" && exists(macBinary)) return { is: "mac", binary: macBinary };
  const binary = join(codeDir, "../../lockstep-app");
  if (!exists(binary)) return { is: "checkout" };
  if (packageType !== undefined) return { is: "package", format: packageType };
  // Packages that were built without a feed have no package-type; archives are not unpacked in these directories.
  return /^\/(opt|usr)\//.test(codeDir) ? { is: "package", format: "deb" } : { is: "unpacked", binary };
}

/** The distribution of the installation in `codeDir`. `appImage`: the file of its AppImage, if the caller knows it. */
export function distributionAt(codeDir: string, appImage: string | undefined): Distribution {
  return distributionOf({
    codeDir,
    platform: process.platform,
    appImage,
    packageType: textOf(join(codeDir, "../package-type")),
    exists: existsSync,
  });
}

/** How to update an installation that does not update itself, as a clause for messages. */
export function howToUpdate(distribution: Distribution): string {
  switch (distribution.is) {
    case "checkout":
      return "it runs from a source checkout: git pull && npm ci && npm run build";
    case "npm":
      return "npm installed it: npm install -g lockstep";
    case "package":
      return distribution.format === "deb"
        ? `apt installed it: download the new package, then sudo apt install ./lockstep-*-linux-${debArchitecture()}.deb`
        : `your package manager installed it: install the new ${distribution.format} package`;
    case "unpacked":
      return `it was unpacked from an archive: unpack the new tar.gz over it (${join(distribution.binary, "..")})`;
    case "appimage":
      return `download the new AppImage and replace ${distribution.file}`;
    case "mac":
      return "download the new app, or: brew upgrade --cask lockstep-app";
  }
}

/** As Debian calls it, and so electron-builder in the name of a deb. */
function debArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
