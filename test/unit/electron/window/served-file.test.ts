import { describe, expect, it } from "vitest";
import { servedFile } from "../../../../electron/window/served-file.js";

describe("the app's scheme", () => {
  it.each([
    ["app://lockstep/index.html", "index.html"],
    ["app://lockstep/index.html#log", "index.html"],
    ["app://lockstep/main.js?v=1", "main.js"],
    ["app://lockstep/styles.css", "styles.css"],
  ])("serves %s", (url, name) => {
    expect(servedFile(url)?.name).toBe(name);
  });

  it.each([
    "app://lockstep/",
    "app://lockstep/../electron/main.cjs",
    "app://lockstep/..%2felectron%2fmain.cjs",
    "app://lockstep/%2e%2e/package.json",
    "app://lockstep/folder/main.js",
    "app://lockstep//etc/passwd",
    "app://lockstep/main.cjs",
    "app://lockstep/build-info.json",
    "app://elsewhere/index.html",
    "file:///etc/passwd",
    "https://lockstep/index.html",
  ])("does not know %s", (url) => {
    expect(servedFile(url)).toBeUndefined();
  });
});
