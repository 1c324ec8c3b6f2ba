import { expect, it } from "vitest";
import { actor, actorShortly } from "../../../../electron/view/actor.js";

it.each([
  ["cli (pid 812)", "a terminal (PID 812)", "a terminal"],
  ["tray (pid 40)", "this app", "this app"],
  ["tray (pid 41)", "the app (PID 41)", "the app"],
  ["bridge (pid 9)", "an editor (PID 9)", "an editor"],
  ["library (pid 9)", "a program (PID 9)", "a program"],
  ["foreground", "a terminal, in the foreground", "a terminal"],
  ["a signal", "a signal", "a signal"],
  ["robot (pid 5)", "robot (PID 5)", "robot"],
])("the actor %s is %s, or %s where there is little room", (by, full, short) => {
  expect([actor(by, 40), actorShortly(by, 40)]).toEqual([full, short]);
});
