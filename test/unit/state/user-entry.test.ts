import { homedir, userInfo } from "node:os";
import { afterEach, expect, it } from "vitest";
import { runtimePaths } from "../../../src/install/runtime-directory.js";
import { homeOfUser, userEntry } from "../../../src/state/user-entry.js";

const IS_ROOT = process.geteuid?.() === 0;
/** No entry of the user database has it. */
const UNKNOWN = 3_999_999_999;

afterEach(() => {
  if (IS_ROOT) process.seteuid?.(0);
});

it("the home is $HOME, then that of the user database", () => {
  expect(homeOfUser({ HOME: "/h" })).toBe("/h");
  expect(homeOfUser({ HOME: "" })).toBe(userInfo().homedir);
  expect(userEntry()?.username).toBe(userInfo().username);
});

it.skipIf(!IS_ROOT)("a user without an entry in the user database has no name, and a home that can't exist", () => {
  process.seteuid?.(UNKNOWN);
  expect(() => userInfo()).toThrow();
  expect(userEntry()).toBe(undefined);
  expect(homeOfUser({})).toBe("/nonexistent");
  expect(runtimePaths({}).home).toBe("/nonexistent/.local/share/lockstep");
  expect(homeOfUser({ HOME: homedir() })).toBe(homedir());
});
