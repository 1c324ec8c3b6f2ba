#!/bin/sh
set -e

PROFILE=/etc/apparmor.d/lockstep-app

unload_apparmor_profile() {
  if [ ! -e "$PROFILE" ]; then return 0; fi
  if apparmor_status --enabled >/dev/null 2>&1 && ! ischroot 2>/dev/null; then
    apparmor_parser --remove "$PROFILE" || true
  fi
  rm -f "$PROFILE"
}

# Files of users are kept even when the package is purged: ~/.lockstep and ~/.config/lockstep.
case $1 in
  remove | purge)
    unload_apparmor_profile
    rm -rf /opt/Lockstep
    ;;
esac
exit 0
