// electron-builder's configuration for macOS. Not tested: no macOS was available.

/** @typedef {import("./electron-builder-config.mjs").AppTarget} AppTarget */

/** @typedef {{ how: "identity", notarize: boolean } | { how: "ad-hoc", why: string }} MacSigning */

/** Each set is enough for Apple's notary; electron-builder reads them itself. */
const NOTARY_KEYS = [
  ["APPLE_API_KEY", "APPLE_API_KEY_ID", "APPLE_API_ISSUER"],
  ["APPLE_ID", "APPLE_APP_SPECIFIC_PASSWORD", "APPLE_TEAM_ID"],
  ["APPLE_KEYCHAIN_PROFILE"],
];

/**
 * How to sign: with the identity that the environment names, and then notarised where it holds Apple's keys too.
 * The keychain is not searched for an identity, since a release must not depend on the machine that builds it.
 * @param {NodeJS.ProcessEnv} env
 * @returns {MacSigning}
 */
export function macSigning(env) {
  if (!env["CSC_LINK"] && !env["CSC_NAME"]) return { how: "ad-hoc", why: "neither CSC_LINK nor CSC_NAME is set" };
  return { how: "identity", notarize: NOTARY_KEYS.some((keys) => keys.every((key) => env[key])) };
}

/** The signing in one line, for the output of `npm run package`. @param {MacSigning} signing */
export function macSigningInWords(signing) {
  if (signing.how === "ad-hoc") {
    return `macOS: not signed by a developer (${signing.why}): Gatekeeper refuses it until the user allows it, and it cannot update itself`;
  }
  if (signing.notarize) return "macOS: signed with the identity of the environment, and notarised";
  const sets = NOTARY_KEYS.map((keys) => keys.join(" + ")).join(", or ");
  return `macOS: signed, but not notarised (no ${sets}): Gatekeeper refuses it until the user allows it`;
}

/**
 * @param {AppTarget} target
 * @param {string} root
 * @param {MacSigning} signing
 * @returns {import("electron-builder").MacConfiguration}
 */
export function macConfig(target, root, signing) {
  const signed = signing.how === "identity";
  const entitlements = `${root}/build/packaging/mac/entitlements.plist`;
  return {
    target: target === "dmg" || target === "zip" ? target : "dir",
    artifactName: "Lockstep-${version}-mac-${arch}.${ext}",
    category: "public.app-category.developer-tools",
    icon: `${root}/dist/icons/app/1024x1024.png`,
    // An ad-hoc signature has no team, and under the hardened runtime such an app may not even load Electron's own
    // framework. On Apple silicon it is needed all the same: without any signature nothing runs there.
    ...(signed ? {} : { identity: "-" }),
    hardenedRuntime: signed,
    gatekeeperAssess: false,
    entitlements,
    entitlementsInherit: entitlements,
    notarize: signed && signing.notarize,
    // A menu bar app has no icon in the dock, and its daemon, the same binary, neither.
    extendInfo: { LSUIElement: true },
  };
}

/** @param {string} root @returns {import("electron-builder").DmgOptions} */
export function dmgConfig(root) {
  return {
    artifactName: "Lockstep-${version}-mac-${arch}.dmg",
    contents: [
      { x: 130, y: 150, type: "file" },
      { x: 410, y: 150, type: "link", path: "/Applications" },
      { x: 270, y: 310, type: "file", path: `${root}/build/packaging/mac/command-line.txt`, name: "Command line.txt" },
    ],
  };
}
