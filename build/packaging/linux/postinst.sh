
set -e

# Chromium's sandbox: the helper is setuid root only on systems where users can't create namespaces.
set_sandbox_mode() {
  mode=4755
  if setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user true 2>/dev/null; then mode=0755; fi
  chmod "$mode" "$APP/chrome-sandbox"
}

# Ubuntu 24.04 and later allow such namespaces only to programs with a profile. An AppArmor too old to parse this profile
# does not need it.
load_apparmor_profile() {
  from=$APP/resources/apparmor-profile
  to=/etc/apparmor.d/lockstep-app
  if ! apparmor_status --enabled >/dev/null 2>&1; then return 0; fi
  if ! apparmor_parser --skip-kernel-load --debug "$from" >/dev/null 2>&1; then return 0; fi
  cp "$from" "$to"
  # While a disk image is built, the running kernel is not the one that will run it.
  if ischroot 2>/dev/null; then return 0; fi
  apparmor_parser --replace --write-cache --skip-read-cache "$to"
}

case $1 in
  configure | abort-upgrade | abort-remove | abort-deconfigure)
    # Removed by an interrupted removal of the package.
    chmod a+x "$BINARY"
    set_sandbox_mode || true
    load_apparmor_profile || echo "lockstep: the AppArmor profile could not be loaded" >&2
    # The next command replaces whatever is left of the old version, so an upgrade never fails because of it.
    each_daemon kill-daemon --stale-only || true
    ;;
esac
exit 0
