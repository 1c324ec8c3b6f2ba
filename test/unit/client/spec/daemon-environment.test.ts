import { describe, expect, it } from "vitest";
import { daemonEnvironment } from "../../../../src/client/spec/lockstep-spec.js";

const MOUNT = "/tmp/.mount_LockstAb12Cd";
const NETWORK = { https_proxy: "http://p", NO_PROXY: "*", SSL_CERT_FILE: "/c", NODE_EXTRA_CA_CERTS: "/d" };

describe("the environment of a daemon", () => {
  it.each<[string, NodeJS.ProcessEnv, NodeJS.ProcessEnv]>([
    ["keeps the user's name, home and language", { HOME: "/h", LC_ALL: "C" }, { HOME: "/h", LC_ALL: "C" }],
    ["keeps what a window needs", { DISPLAY: ":0", XAUTHORITY: "/x" }, { DISPLAY: ":0", XAUTHORITY: "/x" }],
    ["keeps the way to the network", NETWORK, NETWORK],
    ["keeps Lockstep's own variables", { LOCKSTEP_DIR: "/d" }, { LOCKSTEP_DIR: "/d" }],
    [
      "has nothing of Electron, npm and the lifecycle itself",
      { ELECTRON_RUN_AS_NODE: "1", npm_config_x: "1", INIT_CWD: "/x", _LOCKSTEP_TEST_DAEMON_VERSION: "1", TZ: "UTC" },
      { TZ: "UTC" },
    ],
    [
      "has nothing that one terminal exported",
      { NODE_OPTIONS: "--require /gone.cjs", VIRTUAL_ENV: "/p/.venv", PWD: "/p", TERM: "xterm", TOKEN: "1", USER: "a" },
      { USER: "a" },
    ],
    [
      "has no path into an AppImage's mount",
      { APPIMAGE: "/h/L.AppImage", APPDIR: MOUNT, PATH: `${MOUNT}:/usr/bin`, XDG_DATA_DIRS: `${MOUNT}/usr/share` },
      { PATH: "/usr/bin" },
    ],
  ])("%s", (_, env, expected) => {
    expect(daemonEnvironment(env)).toEqual(expected);
  });
});
