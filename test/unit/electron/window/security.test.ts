import { EventEmitter } from "node:events";
import type { App, Session } from "electron";
import { beforeEach, describe, expect, it } from "vitest";
import { webPreferences } from "../../../../electron/window/web-preferences.js";
import { contentSecurityPolicy } from "../../../../electron/window/content-security-policy.js";
import { denyTheRest } from "../../../../electron/window/security.js";

type Handler = (...args: unknown[]) => unknown;

/** The part of Electron's session that takes the answers. Devices that could be asked for, no test machine has. */
class RecordingSession extends EventEmitter {
  readonly handlers: Record<string, Handler> = {};
  readonly setPermissionRequestHandler = (handler: Handler): void => void (this.handlers["request"] = handler);
  readonly setPermissionCheckHandler = (handler: Handler): void => void (this.handlers["check"] = handler);
  readonly setDevicePermissionHandler = (handler: Handler): void => void (this.handlers["device"] = handler);
  readonly webRequest = { onBeforeRequest: (handler: Handler): void => void (this.handlers["url"] = handler) };
}

let session: RecordingSession;

beforeEach(() => {
  session = new RecordingSession();
  denyTheRest(new EventEmitter() as App, session as unknown as Session);
});

const ask = (name: string, ...args: unknown[]): unknown => {
  const handler = session.handlers[name];
  if (!handler) throw new Error(`no handler for ${name}`);
  return handler(...args);
};

describe("the window's session", () => {
  it.each(["hid", "serial", "usb"])("grants no %s device", (deviceType) => {
    expect(ask("device", { deviceType, origin: "app://lockstep", device: {} })).toBe(false);
  });

  it("grants no permission, asked for or looked up", () => {
    let answer: unknown;
    ask("request", null, "media", (granted: unknown) => (answer = granted));
    expect(answer).toBe(false);
    expect(ask("check", null, "media", "app://lockstep", {})).toBe(false);
  });

  it.each([
    ["app://lockstep/main.js", false],
    ["app://lockstep.example/main.js", true],
    ["https://example.org/", true],
    ["file:///etc/hostname", true],
    ["devtools://devtools/bundled/inspector.html", false],
  ])("fetches %s: cancelled %s", (url, cancel) => {
    let answer: unknown;
    ask("url", { url }, (given: unknown) => (answer = given));
    expect(answer).toEqual({ cancel });
  });

  it("saves nothing", () => {
    let prevented = false;
    session.emit("will-download", { preventDefault: () => (prevented = true) });
    expect(prevented).toBe(true);
  });
});

describe("the window's page", () => {
  it("has a policy that allows its own files and nothing else", () => {
    // Repeated in full, so that a change which loosens a part of it fails here.
    expect(contentSecurityPolicy().split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it("opens no file that is dropped on it, and fetches no dictionary", () => {
    // Electron reports neither of them for a window that is open.
    const preferences = webPreferences({ session: {} as Session, preload: "/preload.cjs", devTools: false });
    expect(preferences).toMatchObject({ navigateOnDragDrop: false, spellcheck: false });
  });
});
