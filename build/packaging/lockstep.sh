#!/bin/sh
# The command line of a packaged Lockstep: the app's binary, run as Node. Links to this file work from anywhere.
# The file itself, not a link to it. By hand, since readlink knows -f only from macOS 12.3 on.
case $0 in
  */*) self=$0 ;;
  *) self=./$0 ;;
esac
while [ -L "$self" ]; do
  target=$(readlink "$self") || exit 1
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
bin=$(CDPATH='' cd -P -- "${self%/*}/" && pwd -P) || exit 1
resources=${bin%/bin}
code=$resources/lockstep
if [ -d "$resources/../MacOS" ]; then
  binary=$resources/../MacOS/Lockstep
else
  binary=${resources%/resources}/lockstep-app
fi

# dpkg renames the new files into place one by one, and keeps a link to each old one until all are in place. A program
# started meanwhile would consist of two versions.
half_replaced() {
  [ -e "$binary.dpkg-tmp" ] || return 1
  replaced=no
  waiting=no
  for file in "$binary" "${binary%/*}"/*.bin "${binary%/*}"/*.dat "$code"/*.js "$code/build-info.json"; do
    if [ -e "$file.dpkg-new" ]; then waiting=yes; fi
    if [ -e "$file.dpkg-tmp" ] && ! [ "$file" -ef "$file.dpkg-tmp" ]; then replaced=yes; fi
  done
  [ "$replaced$waiting" = yesyes ]
}
tenths=50
while half_replaced && [ "$tenths" -gt 0 ]; do
  tenths=$((tenths - 1))
  sleep 0.1
done

# A missing file is being replaced or removed at this moment.
for file in "$binary" "$code/cli.js"; do
  if [ ! -e "$file" ] || [ ! -x "$binary" ]; then
    echo "lockstep: $file is missing: Lockstep is being upgraded or was removed. Run the command again, or reinstall Lockstep" >&2
    exit 1
  fi
done
ELECTRON_RUN_AS_NODE=1 exec "$binary" "$code/cli.js" "$@"
