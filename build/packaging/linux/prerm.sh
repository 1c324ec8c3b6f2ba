
set -e

# end_programs SIGNAL: apps and commands. Their helper processes end with them.
signal_programs() {
  for pid in $(own_processes); do
    if [ "$(kind_of "$pid")" = program ]; then kill "-$1" "$pid" 2>/dev/null || true; fi
  done
}

# signal_all SIGNAL TENTHS: sends the signal to all that are left and waits up to TENTHS tenths of a second. False while
# some still run.
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
  # The app first, since it would restart the daemon.
  signal_programs TERM
  each_daemon stop --timeout 2
  # From here on nothing of Lockstep can start, not even from a script in a loop or an MCP host that restarts its bridge.
  chmod a-x "$BINARY"
  signal_all TERM 25 || signal_all KILL 10
}

# On an upgrade everything keeps running until the new version is in place.
if [ "$1" = remove ]; then end_everything || true; fi
exit 0
