import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import {
  checkDirectory,
  DirectoryError,
  prepareDirectory,
  resolveDirectory,
  statePaths,
} from "../../../src/state/directory.js";
import { heartbeatAgeMs, readRecordedDaemon } from "../../../src/state/recorded-daemon.js";
import { readIfThere, unlinkIfPossible, writeWhole } from "../../../src/state/whole-file.js";
import { it } from "../../fixtures/it/with-directory.js";

describe("serve.json", () => {
  it.for(["", "null", "5", '"text"', "[]", "{", "{}", '{"pid":"7"}', '{"pid":null}'])(
    "a serve.json of %j names no daemon",
    (text, { directory }) => {
      const paths = statePaths(directory);
      expect(readRecordedDaemon(paths)).toBeUndefined();
      writeFileSync(paths.identity, text);
      expect(readRecordedDaemon(paths)).toBeUndefined();
    },
  );

  it("a serve.json with odd members gives those that can be used", ({ directory }) => {
    const paths = statePaths(directory);
    writeFileSync(
      paths.identity,
      '{"pid":7,"version":5,"startTime":8,"state":"draining","deadlineMs":"soon","more":[]}',
    );
    expect(readRecordedDaemon(paths)).toMatchObject({ pid: 7, startTime: undefined, deadlineMs: undefined });
  });
});

describe("serve.pid", () => {
  it("the age of the last heartbeat is never negative, although the clock was set back", ({ directory }) => {
    const paths = statePaths(directory);
    expect(heartbeatAgeMs(paths, Date.now())).toBeUndefined();
    writeFileSync(paths.pid, "7\n");
    expect(heartbeatAgeMs(paths, Date.now() - 86_400_000)).toBe(0);
    expect(heartbeatAgeMs(paths, Date.now() + 5_000)).toBeGreaterThanOrEqual(4_000);
  });
});

describe("a file that is written whole", () => {
  it("a file that is written whole is private, replaces the old one and leaves no temporary file", ({ directory }) => {
    const path = join(directory, "file");
    writeWhole(path, "one");
    chmodSync(path, 0o644);
    writeWhole(path, "two");
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  it("a file that cannot be written leaves the old one and no temporary file", ({ directory }) => {
    const path = join(directory, "file");
    mkdirSync(join(path, "inside"), { recursive: true });
    expect(() => writeWhole(path, "text")).toThrow();
    expect(readdirSync(directory)).toEqual(["file"]);
    expect(readIfThere(path)).toBeUndefined();
    unlinkIfPossible(path);
    expect(existsSync(path)).toBe(true);
  });
});

describe("the state directory", () => {
  it("a state directory is created for its user alone, with its parents", ({ directory }) => {
    const paths = statePaths(join(directory, "a", "b"));
    expect(checkDirectory(paths)).toBe(false);
    prepareDirectory(paths);
    prepareDirectory(paths);
    expect(statSync(paths.dir).mode & 0o777).toBe(0o700);
    expect(checkDirectory(paths)).toBe(true);
  });

  it("a state directory that others may write to, or that is none, is refused with what to do", ({ directory }) => {
    const open = join(directory, "open");
    mkdirSync(open);
    chmodSync(open, 0o770);
    expect(() => checkDirectory(statePaths(open))).toThrow(`chmod 700 "${open}"`);
    writeFileSync(join(directory, "file"), "");
    expect(() => prepareDirectory(statePaths(join(directory, "file")))).toThrow("is a file: remove it");
    expect(() => prepareDirectory(statePaths(join(directory, "file", "inside")))).toThrow(DirectoryError);
    symlinkSync(join(directory, "nowhere"), join(directory, "dangling"));
    expect(() => prepareDirectory(statePaths(join(directory, "dangling")))).toThrow("whose target does not exist");
  });

  it("the state directory is the option's, else the variable's, else the default, and always absolute", () => {
    const resolved = (option?: string, value?: string): string =>
      resolveDirectory(option, "LOCKSTEP_DIR", value, ".lockstep");
    expect(resolved("/a/", "/b")).toBe("/a");
    expect(resolved(undefined, "/b//")).toBe("/b");
    expect(resolved("", "")).toBe(resolved());
    expect(resolved("/")).toBe("/");
    expect(() => resolved("here")).toThrow('--dir is "here": give an absolute path');
    expect(() => resolved(undefined, "here")).toThrow('$LOCKSTEP_DIR is "here"');
  });
});
