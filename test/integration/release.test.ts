import { execFile, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { writeMadeOf } from "../../build/packaging/made-of.mjs";
import { makeRelease, problemsOfSource } from "../../build/releasing/make-release.mjs";
import { onPath } from "../../build/setup/system-packages.mjs";

const run = promisify(execFile);
const VERSION = "9.8.7";
const URL_OF_FEED = new URL("https://updates.lockstep.example/");

interface UpdateFile {
  url: URL;
  info: { url: string; sha512: string; size: number; blockMapSize?: number };
}
/** What reads the feed in the app. */
const updater = createRequire(createRequire(import.meta.url).resolve("electron-updater"));
const { parseUpdateInfo, resolveFiles, findFile } = updater("electron-updater/out/providers/Provider") as {
  parseUpdateInfo: (text: string, file: string, url: URL) => { version: string; releaseNotes: string };
  resolveFiles: (info: object, base: URL) => UpdateFile[];
  findFile: (files: UpdateFile[], extension: string, not: string[]) => UpdateFile;
};
const { MacUpdater } = updater("electron-updater/out/MacUpdater") as {
  MacUpdater: { filterFilesForArch: (files: UpdateFile[], arm64: boolean) => UpdateFile[] };
};
/** What electron-builder ends an AppImage with, and what it then writes into the feed of that one package. */
const builder = createRequire(createRequire(import.meta.url).resolve("electron-builder"));
const { buildBlockMap } = builder("app-builder-lib/out/targets/blockmap/blockmap") as {
  buildBlockMap: (file: string, format: "deflate" | "gzip", out?: string) => Promise<UpdateFile["info"]>;
};

let dir: string;
let packages: string;
let appImage: UpdateFile["info"];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "rel-"));
  packages = join(dir, "packages");
  const add = (target: string, name: string, head = ""): string => {
    const to = join(packages, target);
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, name), Buffer.concat([Buffer.from(head, "latin1"), randomBytes(200_000)]));
    if (target !== "npm") note(to, false);
    return join(to, name);
  };
  const ofAppImage = add("linux/appimage", `Lockstep-${VERSION}-x86_64.AppImage`, "\x7fELF");
  appImage = await buildBlockMap(ofAppImage, "deflate");
  add("linux/deb", `lockstep-${VERSION}-linux-amd64.deb`);
  add("npm", `lockstep-${VERSION}.tgz`);
  for (const arch of ["x64", "arm64"]) {
    add(`mac-${arch}/dmg`, `Lockstep-${VERSION}-mac-${arch}.dmg`);
    const zip = add(`mac-${arch}/zip`, `Lockstep-${VERSION}-mac-${arch}.zip`);
    await buildBlockMap(zip, "gzip", `${zip}.blockmap`);
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function note(directory: string, standIn: boolean): void {
  writeMadeOf(directory, {
    version: VERSION,
    buildId: "0123456789abcdef",
    electron: "45.4.1",
    standIn,
    updateUrl: URL_OF_FEED.href,
    signing: "signed by a test",
    parts: { electron: 1_000_000 },
  });
}

/** A tree of its own, since this one is tagged only on the day of a release. */
function taggedTree(): string {
  const root = join(dir, "tree");
  mkdirSync(root);
  const manifest = readFileSync("package.json", "utf8");
  writeFileSync(join(root, "package.json"), manifest.replace(/"version": "[^"]+"/, `"version": "${VERSION}"`));
  writeFileSync(
    join(root, "CHANGELOG.md"),
    `# Changelog\n\n## Unreleased\n\n- later\n\n## ${VERSION}\n\n- "quoted": it's # new\n- é\n`,
  );
  const git = (...args: string[]): void => {
    const options = ["-c", "user.name=Test", "-c", "user.email=test@lockstep.example", "-c", "tag.gpgSign=false"];
    const { status, stderr } = spawnSync("git", ["-C", root, ...options, ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  };
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "--no-gpg-sign", "-m", "A release");
  git("tag", `v${VERSION}`);
  return root;
}

const make = (
  root: string,
  out: string,
  env: NodeJS.ProcessEnv = {},
  from = packages,
): ReturnType<typeof makeRelease> =>
  makeRelease({
    root,
    from,
    out,
    version: VERSION,
    dryRun: false,
    problems: problemsOfSource(root, VERSION),
    downloadUrl: "https://downloads.lockstep.example/v9",
    previous: undefined,
    env,
  });

describe("a release of a tagged, clean tree", () => {
  let out: string;
  let root: string;
  let notices: string[];
  beforeAll(async () => {
    out = join(dir, "out");
    root = taggedTree();
    const result = await make(root, out);
    expect(result.problems).toEqual([]);
    notices = result.notices;
  });

  const feed = (file: string): { info: { version: string; releaseNotes: string }; files: UpdateFile[] } => {
    const info = parseUpdateInfo(readFileSync(join(out, "feed", file), "utf8"), file, URL_OF_FEED);
    return { info, files: resolveFiles(info, URL_OF_FEED) };
  };
  const named = (file: UpdateFile): string => file.url.pathname.slice(1);

  it("a release has a feed that electron-updater reads, with electron-builder's data of each package", () => {
    const { info, files } = feed("latest-linux.yml");
    expect(info).toMatchObject({ version: VERSION, releaseNotes: '- "quoted": it\'s # new\n- é' });
    const file = findFile(files, "AppImage", ["rpm", "deb"]);
    expect(file.url.href).toBe(`${URL_OF_FEED.href}Lockstep-${VERSION}-x86_64.AppImage`);
    expect(file.info).toMatchObject({
      sha512: appImage.sha512,
      size: appImage.size,
      blockMapSize: appImage.blockMapSize,
    });
    const bytes = readFileSync(join(out, "feed", named(file)));
    const map = inflateRawSync(bytes.subarray(-4 - Number(file.info.blockMapSize), -4));
    expect(JSON.parse(map.toString())).toMatchObject({ version: "2" });
    expect(named(findFile(files, "deb", ["AppImage"]))).toBe(`lockstep-${VERSION}-linux-amd64.deb`);
  });

  it("a release offers each kind of Mac its own package in one feed", () => {
    for (const arch of ["x64", "arm64"]) {
      const files = MacUpdater.filterFilesForArch(feed("latest-mac.yml").files, arch === "arm64");
      const zip = findFile(files, "zip", ["pkg", "dmg"]);
      expect(named(zip)).toBe(`Lockstep-${VERSION}-mac-${arch}.zip`);
      expect(existsSync(join(out, "feed", `${named(zip)}.blockmap`))).toBe(true);
    }
  });

  it("a release's feed names only files that exist, with size and hash", () => {
    const all = readdirSync(join(out, "feed"));
    const feeds = all.filter((name) => name.endsWith(".yml"));
    expect(feeds.sort()).toEqual(["latest-linux.yml", "latest-mac.yml"]);
    const files = feeds.flatMap((name) => feed(name).files);
    for (const file of files) {
      const path = join(out, "feed", named(file));
      expect(statSync(path).size).toBe(file.info.size);
      expect(createHash("sha512").update(readFileSync(path)).digest("base64")).toBe(file.info.sha512);
    }
    const packagesThere = all.filter((name) => !/\.(yml|blockmap)$/.test(name)).sort();
    expect(packagesThere).toEqual(files.map(named).sort());
  });

  it("a release has notes, sizes and correct SHA-256 sums", async () => {
    expect(readFileSync(join(out, "notes.md"), "utf8")).toBe('- "quoted": it\'s # new\n- é\n');
    expect(JSON.parse(readFileSync(join(out, "sizes.json"), "utf8"))).toMatchObject({
      version: VERSION,
      artefacts: { npm: 200_000, "dmg arm64": 200_000 },
      parts: { electron: 1_000_000 },
    });
    const sums = readFileSync(join(out, "downloads/SHA256SUMS"), "utf8").trim().split("\n");
    expect(sums).toHaveLength(readdirSync(join(out, "downloads")).length - 1);
    for (const sum of sums) {
      const [hash, name = ""] = sum.split("  ");
      expect(
        createHash("sha256")
          .update(readFileSync(join(out, "downloads", name)))
          .digest("hex"),
      ).toBe(hash);
    }
    expect(notices.join("\n")).toContain("SHA256SUMS: not signed (LOCKSTEP_GPG_KEY names no key)");
    expect(notices.join("\n")).toContain(`updates: from ${URL_OF_FEED.href}`);
    expect(existsSync(join(out, "NOT-A-RELEASE.txt"))).toBe(false);
  });

  it("a release has valid files for Homebrew, whose hooks run one bounded command", async () => {
    const cask = readFileSync(join(out, "homebrew/lockstep-app.rb"), "utf8");
    const formula = readFileSync(join(out, "homebrew/lockstep.rb"), "utf8");
    const sums = readFileSync(join(out, "downloads/SHA256SUMS"), "utf8");
    const sumOf = (name: string): string => /^\S+/.exec(sums.split("\n").find((line) => line.endsWith(name))!)![0];
    expect(cask).toContain(`intel: "${sumOf("-mac-x64.dmg")}"`);
    expect(cask).toContain(`arm:   "${sumOf("-mac-arm64.dmg")}"`);
    expect(cask).toContain('uninstall quit: "dev.lockstep.app"');
    expect(cask).toMatch(/"kill-daemon", "--stale-only", "--quiet"\],\n\s+timeout: 5\n\s+rescue StandardError/);
    expect(formula).toContain(`url "https://downloads.lockstep.example/v9/lockstep-${VERSION}.tgz"`);
    expect(formula).toContain(`sha256 "${sumOf(".tgz")}"`);
    if (onPath("ruby") === undefined) return;
    for (const file of ["lockstep-app.rb", "lockstep.rb"]) await run("ruby", ["-wc", join(out, "homebrew", file)]);
  });

  it.skipIf(onPath("ruby") === undefined)(
    "a release's formula has a hook that never fails and ends a command that hangs",
    async () => {
      const keg = join(dir, "keg");
      mkdirSync(keg);
      const formula =
        "class Formula; def self.method_missing(*); end; def self.test; end; def bin; Pathname.new(ARGV[1]); end; end";
      const hook = `require "pathname"; ${formula}; load ARGV[0]; Lockstep.new.post_install`;
      const runHook = async (): Promise<void> => {
        await run("ruby", ["-e", hook, join(out, "homebrew/lockstep.rb"), keg], { timeout: 20_000 });
      };
      const writeCommand = (line: string): void =>
        writeFileSync(join(keg, "lockstep"), `#!/bin/sh\necho "$@" >${keg}/asked; echo $$ >${keg}/pid; ${line}\n`, {
          mode: 0o755,
        });
      await runHook();
      writeCommand("exit 3");
      await runHook();
      expect(readFileSync(join(keg, "asked"), "utf8")).toBe("kill-daemon --stale-only --quiet\n");
      writeCommand("exec sleep 60");
      await runHook();
      expect(() => process.kill(Number(readFileSync(join(keg, "pid"), "utf8")), 0)).toThrow("ESRCH");
    },
  );

  it.skipIf(onPath("gpg") === undefined)("a release is signed with the key that the environment names", async () => {
    const home = join(dir, "gpg");
    mkdirSync(home, { mode: 0o700 });
    const env = { ...process.env, GNUPGHOME: home, LOCKSTEP_GPG_KEY: "release@lockstep.example" };
    try {
      const key = ["--batch", "--passphrase", "", "--quick-gen-key", env.LOCKSTEP_GPG_KEY, "ed25519", "sign", "never"];
      await run("gpg", key, { env });
      const result = await make(root, join(dir, "signed"), env);
      expect(result.notices).toContain("SHA256SUMS: signed with release@lockstep.example");
      const sums = join(dir, "signed/downloads/SHA256SUMS");
      await run("gpg", ["--batch", "--verify", `${sums}.asc`, sums], { env });
    } finally {
      await run("gpgconf", ["--kill", "all"], { env });
    }
  });

  it("a release replaces an earlier one and nothing else, and is not made of itself", async () => {
    writeFileSync(join(out, "other"), "");
    writeFileSync(join(out, "feed/old.yml"), "");
    expect(await make(root, out)).toMatchObject({ made: true });
    expect(existsSync(join(out, "feed/old.yml"))).toBe(false);
    expect(existsSync(join(out, "other"))).toBe(true);
    await expect(make(root, out, {}, join(out, "downloads"))).rejects.toThrow("belongs to an earlier release");
    expect(existsSync(join(out, "downloads/SHA256SUMS"))).toBe(true);
  });

  it("a release of a changed tree is refused, with the file's name", () => {
    writeFileSync(join(root, "CHANGELOG.md"), "# Changelog\n");
    const problems = problemsOfSource(root, VERSION);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toBe("not committed: CHANGELOG.md");
    expect(problems[1]).toMatch(/no section "## 9\.8\.7"/);
  });
});

describe("npm run release", () => {
  const release = (...args: string[]): ReturnType<typeof run> =>
    run(process.execPath, ["build/release.mjs", "--version", VERSION, "--from", packages, ...args], {
      timeout: 20_000,
    });

  it("npm run release --dry-run makes a trial release and marks it as one everywhere", async () => {
    const out = join(dir, "trial");
    note(join(packages, "linux/deb"), true);
    const previous = join(dir, "previous.json");
    writeFileSync(previous, JSON.stringify({ version: "9.0.0", artefacts: { npm: 100_000 }, parts: {} }));
    const { stdout } = await release("--out", out, "--dry-run", "--skip-tests", "--previous", previous);
    expect(stdout).toMatch(/compared with 9\.0\.0\n[^]*npm +0\.20 MB +\+0\.10 MB \(\+100\.0 %\)/);
    expect(stdout).toContain("THE TESTS WERE SKIPPED");
    expect(stdout).toContain("It is NOT a release:");
    const reasons = readFileSync(join(out, "NOT-A-RELEASE.txt"), "utf8");
    expect(reasons).toContain(`lockstep-${VERSION}-linux-amd64.deb was made with stand-ins`);
    expect(reasons).toMatch(/package\.json says \S+, not 9\.8\.7/);
    expect(existsSync(join(out, "feed/latest-linux.yml"))).toBe(true);
    expect(existsSync(join(out, "homebrew"))).toBe(false);
  });

  it.each([["--check"], []])(
    "npm run release without --dry-run refuses the same and makes nothing: %s",
    async (...args) => {
      const out = join(dir, "refused");
      await expect(release("--out", out, ...args)).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${VERSION} cannot be released:\n  - package.json says`) as string,
      });
      expect(existsSync(out)).toBe(false);
    },
  );
});
