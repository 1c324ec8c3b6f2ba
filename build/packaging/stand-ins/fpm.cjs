#!/usr/bin/env node
// Replaces fpm where it can't be downloaded: makes a .deb from directories and files with Debian's dpkg-deb.
// It takes what electron-builder gives, and refuses what it does not know, so that nothing is left out in silence.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

/** Option → field of the control file, or what else becomes of it. */
const VALUES = {
  "--name": "Package",
  "--version": "Version",
  "--architecture": "Architecture",
  "--maintainer": "Maintainer",
  "--category": "Section",
  "--deb-priority": "Priority",
  "--url": "Homepage",
  "--description": "Description",
  "--after-install": "postinst",
  "--after-remove": "postrm",
  "--before-install": "preinst",
  "--before-remove": "prerm",
  "--package": "out",
  "-s": "from",
  "-t": "to",
  "--vendor": undefined,
  "--license": undefined,
  "--deb-compression": undefined,
  "--log": undefined,
};
const LISTS = { "-d": "Depends", "--deb-recommends": "Recommends", "--deb-suggests": "Suggests" };
const FLAGS = ["--force", "--debug"];

const { values, lists, sources } = parse(process.argv.slice(2));
if (values.from !== "dir" || values.to !== "deb") fail("makes a deb of directories, and nothing else");
const root = fs.mkdtempSync(path.join(os.tmpdir(), "lockstep-deb-"));
try {
  fs.chmodSync(root, 0o755);
  for (const source of sources) copy(source);
  writeControl();
  execFileSync("dpkg-deb", ["--root-owner-group", "-Znone", "--build", root, values.out], { stdio: "inherit" });
} finally {
  fs.rmSync(root, { recursive: true, force: true });
}

function parse(args) {
  const parsed = { values: {}, lists: {}, sources: [] };
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = splitOption(args[i]);
    if (FLAGS.includes(name)) continue;
    if (!name.startsWith("-")) {
      parsed.sources.push(args[i]);
      continue;
    }
    if (!(name in VALUES) && !(name in LISTS)) fail(`does not know ${name}`);
    const value = inline ?? args[++i];
    if (name in LISTS) (parsed.lists[LISTS[name]] ??= []).push(value);
    else if (VALUES[name] !== undefined) parsed.values[VALUES[name]] = value;
  }
  return parsed;
}

function splitOption(arg) {
  const at = arg.startsWith("--") ? arg.indexOf("=") : -1;
  return at === -1 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

/** `from=to`: a directory with a slash at its end gives its content. */
function copy(source) {
  const at = source.lastIndexOf("=");
  const from = source.slice(0, at);
  const to = path.join(root, source.slice(at + 1));
  fs.mkdirSync(path.dirname(to), { recursive: true });
  execFileSync("cp", ["-a", "-T", from.replace(/\/$/, ""), to.replace(/\/$/, "")]);
}

function writeControl() {
  const control = path.join(root, "DEBIAN");
  fs.mkdirSync(control);
  for (const script of ["preinst", "postinst", "prerm", "postrm"]) {
    if (values[script] === undefined) continue;
    fs.copyFileSync(values[script], path.join(control, script));
    fs.chmodSync(path.join(control, script), 0o755);
  }
  const installed = execFileSync("du", ["-sk", "--exclude=DEBIAN", root], { encoding: "utf8" }).split("\t")[0];
  const [synopsis, ...rest] = values.Description.trim().split("\n");
  const description = [synopsis.trim(), ...rest.map((line) => ` ${line.trim() || "."}`)].join("\n");
  const fields = ["Package", "Version", "Architecture", "Maintainer", "Section", "Priority", "Homepage"]
    .filter((field) => values[field] !== undefined)
    .map((field) => `${field}: ${values[field]}`);
  const depends = Object.entries(lists).map(([field, names]) => `${field}: ${names.join(", ")}`);
  const text = [...fields, `Installed-Size: ${installed}`, ...depends, `Description: ${description}`, ""].join("\n");
  fs.writeFileSync(path.join(control, "control"), text);
}

function fail(why) {
  console.error(`fpm's stand-in ${why}`);
  process.exit(1);
}
