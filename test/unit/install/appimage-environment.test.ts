import { describe, expect, it } from "vitest";
import { withoutAppImage } from "../../../src/install/appimage-environment.js";

const MOUNT = "/tmp/.mount_LockstAb12Cd";

describe("an environment without what an AppImage adds", () => {
  it.each<[string, NodeJS.ProcessEnv, NodeJS.ProcessEnv]>([
    ["keeps the user's own variables", { HOME: "/home/ada", LANG: "de_DE" }, { HOME: "/home/ada", LANG: "de_DE" }],
    [
      "lacks what the AppImage runtime sets about itself",
      { APPIMAGE: "/home/ada/L.AppImage", APPDIR: MOUNT, ARGV0: "./L.AppImage", OWD: "/home/ada", A: "1" },
      { A: "1" },
    ],
    [
      "keeps the entries of a list that are outside the mount",
      {
        APPDIR: MOUNT,
        PATH: `${MOUNT}:${MOUNT}/usr/sbin:/usr/bin:/bin`,
        XDG_DATA_DIRS: `${MOUNT}/usr/share/:/usr/share/xfce:/usr/share/`,
      },
      { PATH: "/usr/bin:/bin", XDG_DATA_DIRS: "/usr/share/xfce:/usr/share/" },
    ],
    [
      "lacks a list that has nothing but entries in the mount, or an empty entry beside them",
      { APPDIR: MOUNT, LD_LIBRARY_PATH: `${MOUNT}/usr/lib`, GSETTINGS_SCHEMA_DIR: `${MOUNT}/usr/share/glib:` },
      {},
    ],
    ["is the same when the mount ends with a slash", { APPDIR: `${MOUNT}/`, PATH: `${MOUNT}:/bin` }, { PATH: "/bin" }],
    [
      "keeps a path that only begins like the mount, and empty entries with it",
      { APPDIR: MOUNT, PATH: `${MOUNT}x/bin::/bin`, URL: "http://a:80/b" },
      { PATH: `${MOUNT}x/bin::/bin`, URL: "http://a:80/b" },
    ],
    [
      "lacks what another program's AppImage added, in whose terminal Lockstep is started",
      { APPIMAGE: "/opt/Editor.AppImage", APPDIR: "/tmp/.mount_EditorXy", PATH: "/tmp/.mount_EditorXy/bin:/bin" },
      { PATH: "/bin" },
    ],
    ["keeps all paths when the mount's variable is empty", { APPDIR: "", PATH: ":/bin" }, { PATH: ":/bin" }],
  ])("%s", (_, env, expected) => {
    expect(withoutAppImage(env)).toEqual(expected);
  });
});
