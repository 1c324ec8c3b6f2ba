
set -e

# end_programs SIGNAL: apps and commands. Parts end with what they belong to.
signal_programs() {
  for pid in $(own_processes); do
    if [ "$(kind_of "$pid")" = program ]; then kill "-$1" "$pid" 2>/dev/null || true; fi
  done
}

# signal_all SIGNAL TENTHS: that signal to all that is left, then as many tenths of a second for it to go. False while
# some of it is there.
signal_all() {
  tenths=$2
  for pid in $(own_processes); do kill "-$1" "$pid" 2>/dev/null || true; done
  while [ -n "$(own_processes)" ]; do
    tenths=$((tenths - 1))
    if [ "$tenths" -le 0 ]; then return 1; fi
    sleep 0.1
  done
}

end_everything() {
  # The app before the daemon, which it would start again.
  signal_programs TERM
  each_daemon stop --timeout 2
  # From here on nothing of ours can start: a script in a loop, or a host that restarts its bridge, would go on doing so.
  chmod a-x "$BINARY"
  signal_all TERM 25 || signal_all KILL 10
}

# At an upgrade everything stays: the old version goes on until the new one is in its place.
if [ "$1" = remove ]; then end_everything || true; fi
exit 0
