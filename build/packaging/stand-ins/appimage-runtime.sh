#!/bin/sh
# Replaces the AppImage runtime where it can't be downloaded. It unpacks the image into a temporary directory while the
# app runs, where the real one mounts it, and removes the directory afterwards.
APPIMAGE=$(readlink -f "$0") || exit 127
ARGV0=$0 OWD=$PWD
export APPIMAGE ARGV0 OWD
offset=@OFFSET@
case $1 in
  --appimage-offset) echo $offset; exit 0 ;;
  --appimage-extract) exec unsquashfs -quiet -no-progress -force -offset $offset -dest squashfs-root "$APPIMAGE" ;;
esac
APPDIR=$(mktemp -d "${TMPDIR:-/tmp}/.mount_LockstXXXXXX") || exit 127
export APPDIR
unmount() { rm -rf "$APPDIR"; }
trap unmount EXIT
if ! unsquashfs -quiet -no-progress -force -offset $offset -dest "$APPDIR" "$APPIMAGE" >/dev/null; then
  echo "$APPIMAGE cannot be unpacked (is unsquashfs there, and room in $APPDIR?)" >&2
  exit 127
fi
trap 'kill -TERM $app 2>/dev/null' TERM INT HUP
"$APPDIR/AppRun" "$@" ${LOCKSTEP_STAND_IN_ARGS-} &
app=$!
wait $app
code=$?
while kill -0 $app 2>/dev/null; do wait $app; code=$?; done
exit $code
