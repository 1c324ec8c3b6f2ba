
set -e

# Chromium's sandbox: the helper that is root's only where an ordinary user cannot make a namespace of its own.
set_sandbox_mode() {
  mode=4755
  if setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user true 2>/dev/null; then mode=0755; fi
  chmod "$mode" "$APP/chrome-sandbox"
}

# Ubuntu 24.04 and later allow such namespaces only to programs with a profile. An AppArmor that cannot read ours needs
# none.
load_apparmor_profile() {
  from=$APP/resources/apparmor-profile
  to=/etc/apparmor.d/lockstep-app
  if ! apparmor_status --enabled >/dev/null 2>&1; then return 0; fi
  if ! apparmor_parser --skip-kernel-load --debug "$from" >/dev/null 2>&1; then return 0; fi
  cp "$from" "$to"
  # In an image that is only being made the running kernel is another system's.
  if ischroot 2>/dev/null; then return 0; fi
  apparmor_parser --replace --write-cache --skip-read-cache "$to"
}

case $1 in
  configure | abort-upgrade | abort-remove | abort-deconfigure)
    # Taken away by a removal that did not come to its end.
    chmod a+x "$BINARY"
    set_sandbox_mode || true
    load_apparmor_profile || echo "lockstep: the AppArmor profile could not be loaded" >&2
    # What is left of the old version is noticed and replaced by the next command anyway: an upgrade never fails for it.
    each_daemon kill-daemon --stale-only || true
    ;;
esac
exit 0
