import { expect, it } from "vitest";
import { whyAppCannotRun } from "../../../build/electron/app-failure.mjs";

const DIRECTORY = "/home/jo/it's here/dist";

it("the advice for a forbidden sandbox is a command that a shell reads as meant", () => {
  const fatal =
    "[19889:0723/183728.430148:FATAL:sandbox/linux/suid/client/setuid_sandbox_host.cc:166] The SUID sandbox helper binary " +
    "was found, but is not configured correctly. Rather than run without sandboxing I'm aborting now.";
  for (const output of [fatal, "[1:1:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on"]) {
    expect(whyAppCannotRun(output, DIRECTORY)).toContain(
      `sudo chown root '/home/jo/it'\\''s here/dist/chrome-sandbox'`,
    );
  }
});

it.each([
  [
    "/x/electron: error while loading shared libraries: libnss3.so: cannot open shared object file: No such file",
    "the library libnss3.so is missing",
  ],
  ["[1:ERROR:ozone_platform_x11.cc(245)] Missing X server or $DISPLAY", "the display that DISPLAY"],
  [
    "[1:ERROR:wayland_connection.cc(197)] Failed to connect to Wayland display: No such file",
    "the display that DISPLAY",
  ],
])("%s is explained as: %s", (output, explanation) => {
  expect(whyAppCannotRun(output, DIRECTORY)).toContain(explanation);
});

it("an app that ends for a reason of its own is not explained", () => {
  expect(whyAppCannotRun("Failed to connect to the bus: /run/dbus/system_bus_socket", DIRECTORY)).toBeUndefined();
});
