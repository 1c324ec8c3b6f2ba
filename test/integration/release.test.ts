import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
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

import { problemsOfSource } from "../../build/releasing/make-release.mjs";
import { onPath } from "../../build/setup/system-packages.mjs";
import { COMMAND_MS } from "../fixtures/bounds.js";
import {
  makePackages,
  makeTaggedTree,
  noteMadeOf,
  release,
  URL_OF_FEED,
  VERSION,
  type FeedFile,
} from "../fixtures/packages/release-packages.js";

const run = promisify(execFile);

interface UpdateFile {
  url: URL;
  info: FeedFile;
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
let dir: string;
let packages: string;
let appImage: FeedFile;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "rel-"));
  packages = join(dir, "packages");
  appImage = await makePackages(packages);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("a release of a tagged, clean tree", () => {
  let out: string;
  let root: string;
  let notices: string[];
  beforeAll(async () => {
    out = join(dir, "out");
    root = join(dir, "tree");
    makeTaggedTree(root);
    const result = await release(root, packages, out);
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

  it.skipIf(onPath("gpg") === undefined)("a release is signed with the key that the environment names", async () => {
    const home = join(dir, "gpg");
    mkdirSync(home, { mode: 0o700 });
    const env = { ...process.env, GNUPGHOME: home, LOCKSTEP_GPG_KEY: "release@lockstep.example" };
    try {
      const key = ["--batch", "--passphrase", "", "--quick-gen-key", env.LOCKSTEP_GPG_KEY, "ed25519", "sign", "never"];
      await run("gpg", key, { env });
      const result = await release(root, packages, join(dir, "signed"), env);
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
    expect(await release(root, packages, out)).toMatchObject({ made: true });
    expect(existsSync(join(out, "feed/old.yml"))).toBe(false);
    expect(existsSync(join(out, "other"))).toBe(true);
    await expect(release(root, join(out, "downloads"), out)).rejects.toThrow("belongs to an earlier release");
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
  const runRelease = (...args: string[]): ReturnType<typeof run> =>
    run(process.execPath, ["build/release.mjs", "--version", VERSION, "--from", packages, ...args], {
      timeout: COMMAND_MS,
    });

  it("npm run release --dry-run makes a trial release and marks it as one everywhere", async () => {
    const out = join(dir, "trial");
    noteMadeOf(join(packages, "linux/deb"), { standIn: true });
    const previous = join(dir, "previous.json");
    writeFileSync(previous, JSON.stringify({ version: "9.0.0", artefacts: { npm: 100_000 }, parts: {} }));
    const { stdout } = await runRelease("--out", out, "--dry-run", "--skip-tests", "--previous", previous);
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
      await expect(runRelease("--out", out, ...args)).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${VERSION} cannot be released:\n  - package.json says`) as string,
      });
      expect(existsSync(out)).toBe(false);
    },
  );
});
