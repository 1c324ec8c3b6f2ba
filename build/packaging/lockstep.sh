#!/bin/sh
# The command line of a packaged Lockstep: the app's own binary, told to be Node. A link to this file works from anywhere.
self=$(readlink -f "$0") || exit 1
resources=${self%/bin/lockstep}
if [ -d "$resources/../MacOS" ]; then
  binary=$resources/../MacOS/Lockstep
else
  binary=${resources%/resources}/lockstep-app
fi
# One that is not there was replaced or removed at this very moment.
if [ ! -x "$binary" ]; then
  echo "lockstep: $binary is missing: Lockstep is being upgraded right now, or was removed; run the command again, or reinstall" >&2
  exit 1
fi
ELECTRON_RUN_AS_NODE=1 exec "$binary" "$resources/lockstep/cli.js" "$@"
