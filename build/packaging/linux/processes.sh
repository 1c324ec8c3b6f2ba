#!/bin/sh
# Prepended to postinst and prerm: finds Lockstep's processes with the kernel's information. Variables are written `$name`,
# never in braces, since electron-builder replaces that form in these files.
APP=/opt/Lockstep
BINARY=$APP/lockstep-app
CODE=$APP/resources/lockstep

# The PIDs of all processes that run this installation's binary, or one that it replaced. The same path in a container
# is another file, and does not count.
own_processes() {
  find /proc/[0-9]*/exe -maxdepth 0 \( -lname "$BINARY" -o -lname "$BINARY (deleted)" \) 2>/dev/null |
    while IFS=/ read -r _ _ pid _; do
      if [ "/proc/$pid/root$APP" -ef "$APP" ]; then echo "$pid"; fi
    done
}

# The kind of a process: `daemon`, `part` (of a daemon or an app, with which it ends) or `program` (an app, or a command).
kind_of() {
  case $(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null) in
    "$BINARY $CODE/daemon.js serve "*) echo daemon ;;
    "" | *" --type="* | "$BINARY $CODE/memory.mjs "*) echo part ;;
    *) echo program ;;
  esac
}

# The state directory of a daemon, from its command line.
directory_of() {
  tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | sed -n '/^--dir$/{n;p;q;}'
}

# as_owner_of PID ARGUMENT…: runs the command line as the user of that process, without root's environment and terminal.
# That user controls the arguments, so they must not be run as root.
as_owner_of() {
  owner=$(sed -n 's/^[UG]id:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null | tr '\n' ' ')
  uid=${owner%% *}
  gid=${owner#* }
  gid=${gid% }
  shift
  if [ -z "$uid" ] || [ -z "$gid" ]; then return 0; fi
  home=$(getent passwd "$uid" | cut -d: -f6)
  env -i PATH=/usr/bin:/bin HOME="${home:-/}" \
    setsid setpriv --reuid="$uid" --regid="$gid" --clear-groups \
    timeout -s KILL 5 "$APP/resources/bin/lockstep" "$@" </dev/null >/dev/null 2>&1 3>&-
}

# each_daemon ARGUMENT…: runs that command for all of Lockstep's daemons at once, so that the total is no longer than the
# slowest one's limit.
each_daemon() {
  for pid in $(own_processes); do
    if [ "$(kind_of "$pid")" != daemon ]; then continue; fi
    directory=$(directory_of "$pid")
    if [ -n "$directory" ]; then as_owner_of "$pid" "$@" --dir "$directory" & fi
  done
  wait
}
