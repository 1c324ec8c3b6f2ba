// What electron-builder is told about macOS. Pure, and by design only: there was no macOS to try it on.

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
 * An identity is never looked for in the keychain: what is released must not depend on whose machine made it.
 * @param {NodeJS.ProcessEnv} env
 * @returns {MacSigning}
 */
export function macSigning(env) {
  if (!env["CSC_LINK"] && !env["CSC_NAME"]) return { how: "ad-hoc", why: "neither CSC_LINK nor CSC_NAME is set" };
  return { how: "identity", notarize: NOTARY_KEYS.some((keys) => keys.every((key) => env[key])) };
}

/** One line for whoever packages. @param {MacSigning} signing */
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
