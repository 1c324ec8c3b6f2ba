import { describe, expect, it } from "vitest";
import { daemonEnvironment } from "../../../../src/client/spec/lockstep-spec.js";

const MOUNT = "/tmp/.mount_LockstAb12Cd";

describe("the environment of a daemon", () => {
  it.each<[string, NodeJS.ProcessEnv, NodeJS.ProcessEnv]>([
    ["the user's own variables stay", { HOME: "/home/ada", LANG: "de_DE" }, { HOME: "/home/ada", LANG: "de_DE" }],
    [
      "nothing of Electron, npm and the lifecycle itself",
      { ELECTRON_RUN_AS_NODE: "1", npm_config_x: "1", INIT_CWD: "/x", _LOCKSTEP_TEST_DAEMON_VERSION: "1", A: "1" },
      { A: "1" },
    ],
    [
      "what the AppImage runtime says of itself goes",
      { APPIMAGE: "/home/ada/L.AppImage", APPDIR: MOUNT, ARGV0: "./L.AppImage", OWD: "/home/ada", A: "1" },
      { A: "1" },
    ],
    [
      "lists keep what the user had in them, without the mount",
      {
        APPDIR: MOUNT,
        PATH: `${MOUNT}:${MOUNT}/usr/sbin:/usr/bin:/bin`,
        XDG_DATA_DIRS: `${MOUNT}/usr/share/:/usr/share/xfce:/usr/share/`,
      },
      { PATH: "/usr/bin:/bin", XDG_DATA_DIRS: "/usr/share/xfce:/usr/share/" },
    ],
    [
      "a list of nothing else goes as a whole, and so does what an empty entry would leave of it",
      { APPDIR: MOUNT, LD_LIBRARY_PATH: `${MOUNT}/usr/lib`, GSETTINGS_SCHEMA_DIR: `${MOUNT}/usr/share/glib:` },
      {},
    ],
    ["a slash at the mount's end changes nothing", { APPDIR: `${MOUNT}/`, PATH: `${MOUNT}:/bin` }, { PATH: "/bin" }],
    [
      "what only begins like the mount stays, empty entries and all",
      { APPDIR: MOUNT, PATH: `${MOUNT}x/bin::/bin`, URL: "http://a:80/b" },
      { PATH: `${MOUNT}x/bin::/bin`, URL: "http://a:80/b" },
    ],
    [
      "another program's AppImage leaves its traces too, when Lockstep is started from its terminal",
      { APPIMAGE: "/opt/Editor.AppImage", APPDIR: "/tmp/.mount_EditorXy", PATH: "/tmp/.mount_EditorXy/bin:/bin" },
      { PATH: "/bin" },
    ],
    ["a mount that is no more than a name says nothing of paths", { APPDIR: "", PATH: ":/bin" }, { PATH: ":/bin" }],
  ])("%s", (_, env, expected) => {
    expect(daemonEnvironment(env)).toEqual(expected);
  });
});
