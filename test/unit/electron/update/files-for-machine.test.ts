import { expect, it } from "vitest";
import { filesForMachine } from "../../../../electron/update/files-for-machine.js";

const X64 = "Lockstep-1.5.0-x86_64.AppImage";
const ARM = "Lockstep-1.5.0-arm64.AppImage";
const MAC_X64 = "Lockstep-1.5.0-mac-x64.zip";
const MAC_ARM = "Lockstep-1.5.0-mac-arm64.zip";

it.each<[string, NodeJS.Platform, NodeJS.Architecture, string[], string[]]>([
  ["only its own architecture's", "linux", "x64", [ARM, X64], [X64]],
  ["only its own architecture's", "linux", "arm64", [ARM, X64], [ARM]],
  ["nothing, where there is only another architecture's", "linux", "x64", [ARM], []],
  ["nothing, where there is only another architecture's", "linux", "arm64", [X64], []],
  ["a file that names no architecture", "linux", "x64", ["Lockstep.AppImage"], ["Lockstep.AppImage"]],
  ["no other kind of package", "linux", "x64", ["lockstep-1.5.0-linux-x64.tar.gz", "l_amd64.deb"], []],
  ["both, where Rosetta is", "darwin", "arm64", [MAC_X64, MAC_ARM], [MAC_X64, MAC_ARM]],
  ["no file for Apple silicon", "darwin", "x64", [MAC_X64, MAC_ARM], [MAC_X64]],
  ["a file at a whole address", "linux", "x64", [`https://cdn.example/${X64}`], [`https://cdn.example/${X64}`]],
])("a machine is given %s (%s %s)", (_, platform, arch, urls, fitting) => {
  const files = urls.map((url) => ({ url, sha512: "x" }));
  expect(filesForMachine(files, platform, arch).map(({ url }) => url)).toEqual(fitting);
});
