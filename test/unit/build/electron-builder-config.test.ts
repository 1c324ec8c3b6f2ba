import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import {
  electronBuilderConfig,
  type AppTarget,
  type BuildPaths,
} from "../../../build/packaging/electron-builder-config.mjs";
import { macSigning, macSigningInWords, type MacSigning } from "../../../build/packaging/mac.mjs";

const ROOT = join(import.meta.dirname, "../../..");
const PATHS: BuildPaths = {
  root: ROOT,
  resources: "/layout/resources",
  out: "/out",
  icons: "/icons",
  deb: { usr: "/deb/usr", scripts: { afterInstall: "/postinst", beforeRemove: "/prerm", afterRemove: "/postrm" } },
  electron: { dist: undefined, version: "45.4.1", standIn: false },
};
const AD_HOC: MacSigning = { how: "ad-hoc", why: "no identity" };
const NOTARISED: MacSigning = { how: "identity", notarize: true };
const TARGETS: AppTarget[] = ["appimage", "deb", "tar.gz", "dir", "dmg", "zip"];

/** What electron-builder itself checks first, and the parser with which it reads such files. */
const builder = createRequire(createRequire(import.meta.url).resolve("electron-builder"));
// It brings a compiler for configurations in TypeScript, which would leave its cache behind.
process.env["JITI_FS_CACHE"] = "false";
const { validateConfiguration } = builder("app-builder-lib/out/util/config/config") as {
  validateConfiguration: (config: object, log: { isEnabled: boolean }) => Promise<void>;
};
const plist = builder("plist") as { parse(text: string): unknown };

const configOf = (target: AppTarget, macSigning: MacSigning, updateUrl?: string): object =>
  electronBuilderConfig(target, PATHS, { updateUrl, macSigning });

describe("electron-builder's configuration", () => {
  it.each(TARGETS)("the configuration for %s is valid by electron-builder's schema", async (target) => {
    for (const signing of [AD_HOC, NOTARISED]) {
      await validateConfiguration(configOf(target, signing, "https://updates.lockstep.example/"), { isEnabled: false });
    }
  });

  it("an unknown option is refused by electron-builder's schema", async () => {
    const wrong = { ...configOf("dmg", AD_HOC), mac: { hardendRuntime: true } };
    await expect(validateConfiguration(wrong, { isEnabled: false })).rejects.toThrow(/configuration\.mac should be/);
  });
});

describe("macOS", () => {
  it.each<[string, NodeJS.ProcessEnv, MacSigning["how"], boolean]>([
    ["no keys", {}, "ad-hoc", false],
    ["empty keys, as a workflow passes for missing secrets", { CSC_LINK: "", CSC_NAME: "" }, "ad-hoc", false],
    ["Apple's keys without an identity", { APPLE_KEYCHAIN_PROFILE: "p" }, "ad-hoc", false],
    ["an identity", { CSC_LINK: "x.p12" }, "identity", false],
    ["an identity and half of Apple's keys", { CSC_NAME: "N", APPLE_ID: "i", APPLE_TEAM_ID: "t" }, "identity", false],
    [
      "an identity and an API key",
      { CSC_LINK: "x", APPLE_API_KEY: "k", APPLE_API_KEY_ID: "i", APPLE_API_ISSUER: "s" },
      "identity",
      true,
    ],
    ["an identity and a keychain profile", { CSC_NAME: "N", APPLE_KEYCHAIN_PROFILE: "p" }, "identity", true],
  ])("%s", (_, env, how, notarised) => {
    const signing = macSigning(env);
    expect(signing.how).toBe(how);
    const { mac } = electronBuilderConfig("dmg", PATHS, { updateUrl: undefined, macSigning: signing });
    expect(mac).toMatchObject({ notarize: notarised, hardenedRuntime: how === "identity" });
    expect(mac?.identity).toBe(how === "identity" ? undefined : "-");
    expect(macSigningInWords(signing)).toMatch(
      how === "ad-hoc" ? /not signed by a developer/ : notarised ? /and notarised/ : /not notarised \(no APPLE_API_KEY/,
    );
  });

  it("the only entitlement is JIT for V8", () => {
    const { mac, dmg } = electronBuilderConfig("dmg", PATHS, { updateUrl: undefined, macSigning: NOTARISED });
    expect(mac?.entitlements).toBe(mac?.entitlementsInherit);
    expect(plist.parse(readFileSync(String(mac?.entitlements), "utf8"))).toEqual({
      "com.apple.security.cs.allow-jit": true,
    });
    expect(mac?.extendInfo).toEqual({ LSUIElement: true });
    const hint = dmg?.contents?.find(({ name }) => name === "Command line.txt");
    const [, command] = /ln -sf \/Applications\/Lockstep\.app\/Contents\/Resources\/(\S+)/.exec(
      readFileSync(String(hint?.path), "utf8"),
    )!;
    expect(readFileSync(join(ROOT, "build/packaging/app-directory.mjs"), "utf8")).toContain(`"${command}"`);
  });
});
