// Makes packages: `npm run package -- TARGET… [--version V] [--out DIR] [--update-url URL] [--as-built]`.
// Targets: npm, appimage, deb, tar.gz, dir (unpacked); on macOS dmg and zip. Each is written to a directory of its own under DIR.
import { setUpOrExit } from "./setup/setup.mjs";

await setUpOrExit("check");
const { makePackages } = await import("./packaging/package.mjs");
await makePackages();
