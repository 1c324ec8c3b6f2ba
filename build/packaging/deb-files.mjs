// The deb's contents besides the app: the command on the PATH, man page, completions and copyright where Debian expects
// them, and the scripts that dpkg runs.
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** Path in the installation → path below /usr/share. */
const COMPLETIONS = {
  "completions/lockstep.bash": "bash-completion/completions/lockstep",
  "completions/_lockstep": "zsh/vendor-completions/_lockstep",
  "completions/lockstep.fish": "fish/vendor_completions.d/lockstep.fish",
};

/**
 * @typedef {object} DebFiles
 * @property {string} usr becomes /usr
 * @property {{ afterInstall: string, beforeRemove: string, afterRemove: string }} scripts
 */

/**
 * @param {{ root: string, resources: string, directory: string }} where resources: those of the app
 * @returns {DebFiles}
 */
export function layOutDeb({ root, resources, directory }) {
  const usr = join(directory, "usr");
  const share = (/** @type {string} */ path) => join(usr, "share", path);
  const installed = (/** @type {string} */ path) => join(resources, "lockstep", path);
  // The link is part of the package, so that dpkg replaces it atomically and lists it as the package's.
  mkdirSync(join(usr, "bin"), { recursive: true });
  symlinkSync("../../opt/Lockstep/resources/bin/lockstep", join(usr, "bin/lockstep"));
  // gzip writes no timestamp, so that the same build gives the same package.
  write(share("man/man1/lockstep.1.gz"), gzipSync(readFileSync(installed("man/lockstep.1")), { level: 9 }));
  for (const [from, to] of Object.entries(COMPLETIONS)) write(share(to), readFileSync(installed(from)));
  write(share("doc/lockstep/copyright"), copyright(readFileSync(join(root, "LICENSE"), "utf8")));
  return { usr, scripts: maintainerScripts(join(root, "build/packaging/linux"), join(directory, "scripts")) };
}

/** dpkg runs each script on its own, so shared functions are copied into both. @param {string} from @param {string} to */
function maintainerScripts(from, to) {
  const read = (/** @type {string} */ name) => readFileSync(join(from, name), "utf8");
  const made = (/** @type {string} */ name, /** @type {string} */ text) => {
    write(join(to, name), text);
    return join(to, name);
  };
  return {
    afterInstall: made("postinst", read("processes.sh") + read("postinst.sh")),
    beforeRemove: made("prerm", read("processes.sh") + read("prerm.sh")),
    afterRemove: made("postrm", read("postrm.sh")),
  };
}

/** The copyright file in Debian's machine-readable format. @param {string} licence */
export function copyright(licence) {
  const [title = "", ...paragraphs] = licence.trim().split(/\n\n+/);
  const holder = paragraphs.shift() ?? title;
  const text = paragraphs.join("\n\n").split("\n");
  return [
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
    "Upstream-Name: Lockstep",
    "Comment: What comes with it from others stands, with its licences, in",
    " /opt/Lockstep/resources/lockstep/THIRD-PARTY-LICENSES.txt (packages),",
    " /opt/Lockstep/LICENSE.electron.txt (Electron) and",
    " /opt/Lockstep/LICENSES.chromium.html (Chromium).",
    "",
    "Files: *",
    `Copyright: ${holder.replace(/^Copyright (\(c\) )?/i, "")}`,
    "License: Expat",
    ...text.map((line) => ` ${line || "."}`),
    "",
  ].join("\n");
}

/** @param {string} file @param {string | Buffer} content */
function write(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o644);
}
