import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { electronBuilderConfig, type BuildPaths } from "../../../../build/packaging/electron-builder-config.mjs";
import type { MacSigning } from "../../../../build/packaging/mac.mjs";
import {
  distributionOf,
  howToUpdate,
  type Distribution,
  type DistributionFacts,
} from "../../../../src/install/distribution.js";
import { updateSupport } from "../../../../electron/update/update-support.js";

const PATHS: BuildPaths = {
  root: "/r",
  resources: "/r/resources",
  out: "/out",
  icons: "/icons",
  deb: { usr: "/deb/usr", scripts: { afterInstall: "/postinst", beforeRemove: "/prerm", afterRemove: "/postrm" } },
  electron: { dist: undefined, version: "45.4.1", standIn: false },
};
const AD_HOC: MacSigning = { how: "ad-hoc", why: "no identity" };

const facts = (more: Partial<DistributionFacts>): DistributionFacts => ({
  codeDir: "/h/src/lockstep/dist",
  platform: "linux",
  appImage: undefined,
  packageType: undefined,
  exists: (path) => path.endsWith("/lockstep-app") || path.endsWith("/MacOS/Lockstep"),
  ...more,
});

describe("how an installation came here", () => {
  it.each<[string, Partial<DistributionFacts>, Distribution]>([
    ["sources", { exists: () => false }, { is: "checkout" }],
    ["npm", { codeDir: "/usr/lib/node_modules/lockstep/dist", exists: () => false }, { is: "npm" }],
    ["deb", { codeDir: "/opt/Lockstep/resources/lockstep", packageType: "deb" }, { is: "package", format: "deb" }],
    ["deb without a feed", { codeDir: "/opt/Lockstep/resources/lockstep" }, { is: "package", format: "deb" }],
    ["rpm", { codeDir: "/opt/Lockstep/resources/lockstep", packageType: "rpm" }, { is: "package", format: "rpm" }],
    [
      "tar.gz",
      { codeDir: "/h/lockstep-1.0.0/resources/lockstep" },
      { is: "unpacked", binary: "/h/lockstep-1.0.0/lockstep-app" },
    ],
    [
      "AppImage",
      { codeDir: "/tmp/.mount_x/resources/lockstep", appImage: "/h/Lockstep.AppImage" },
      { is: "appimage", file: "/h/Lockstep.AppImage" },
    ],
    [
      "macOS",
      { codeDir: "/Applications/Lockstep.app/Contents/Resources/lockstep", platform: "darwin" },
      { is: "mac", binary: "/Applications/Lockstep.app/Contents/MacOS/Lockstep" },
    ],
  ])("%s", (_, more, distribution) => {
    expect(distributionOf(facts(more))).toEqual(distribution);
  });
});

describe("updates are off, and it is said why", () => {
  it.each<[Distribution, boolean, string]>([
    [{ is: "checkout" }, false, "it runs from a source checkout"],
    [{ is: "npm" }, true, "npm install -g lockstep"],
    [{ is: "package", format: "deb" }, true, "sudo apt install ./lockstep-*-linux-"],
    [{ is: "package", format: "rpm" }, true, "install the new rpm package"],
    [{ is: "unpacked", binary: "/h/l/lockstep-app" }, true, "unpack the new tar.gz over it (/h/l)"],
    [{ is: "appimage", file: "/h/L.AppImage" }, false, "no feed was set when this app was packaged"],
  ])("%o, feed %s", (distribution, hasFeed, why) => {
    const support = updateSupport(distribution, hasFeed);
    expect(support.is === "off" && support.why).toContain(why);
  });

  it("but for an AppImage and for macOS with a feed", () => {
    expect(updateSupport({ is: "appimage", file: "/h/L.AppImage" }, true)).toEqual({ is: "on" });
    expect(updateSupport({ is: "mac", binary: "/A/L" }, true)).toEqual({ is: "on" });
  });
});

describe("advice on how to update", () => {
  it("names a deb as the packaging does", () => {
    const { linux } = electronBuilderConfig("deb", PATHS, { updateUrl: undefined, macSigning: AD_HOC });
    const arch = { x64: "amd64", arm64: "arm64" }[process.arch as string] ?? process.arch;
    const built = linux?.artifactName?.replace("${version}", "1.5.0").replace("${arch}", arch).replace("${ext}", "deb");
    const pattern = /\.\/(\S+\.deb)$/.exec(howToUpdate({ is: "package", format: "deb" }))?.[1] ?? "";
    expect(built).toMatch(new RegExp(`^${pattern.replaceAll(".", "\\.").replace("*", ".*")}$`));
  });

  it("names the cask as Homebrew's file does", () => {
    const cask = readFileSync("build/packaging/homebrew/lockstep-app.rb.template", "utf8");
    const name = /^cask "([^"]+)"/.exec(cask)?.[1] ?? "no cask";
    expect(howToUpdate({ is: "mac", binary: "/A/L" })).toMatch(new RegExp(`brew upgrade --cask ${name}$`));
  });
});
