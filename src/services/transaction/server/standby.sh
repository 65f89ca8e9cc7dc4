# Who stands by: looks after the watch, does its work where it does not, and ends whoever stands still on the lock.

standby_lives() { # ID
  take_line "$SPARE/standby"
  # The practice server shows no processes, and would get another one every second.
  [ -d "$PROC/$$" ] || { [ -n "$content" ] && kill -0 "$content" 2>/dev/null; return; }
  is_ours "$content" standby && ! stands_still "$content"
}

# Looks after the watch once a second, and does its work where it does not.
standby() { # ID
  # Not TERM: a shutdown would wait for it.
  trap '' HUP INT PIPE
  echo $$ | put "$SPARE/standby"
  while keeps "$1"; do
    take_state
    case $stage in
    armed)
      take_left
      if [ "$left" -le -100 ]; then
        ! expired || won=yes
        rollback timer
      # Whoever has just given a sign of life is there: systemctl(1) is asked about those alone who have not.
      elif is_silent 200 && { is_silent 500 || ! job_lives "hardtui-watch-$1"; }; then
        log "the watch of $1 is not at work: it is started anew"
        kill_job "hardtui-watch-$1"
        job_lives "hardtui-watch-$1" || start_job "hardtui-watch-$1" kept watch "$1"
        alive
      fi
      ;;
    reverting) rollback "$(cause_of)" ;;
    confirmed | reverted) is_silent 500 && finish ;;
    esac
    exec 9>&-
    sleep 1
  done
  rm -f "$SPARE/standby"
  clear_boot_guard
  # A watch that stands still does not see the end.
  sleep 2
  ! job_lives "hardtui-watch-$1" || { kill_job "hardtui-watch-$1" && end_job "hardtui-watch-$1"; }
  exit "$DONE"
}

# Whoever ended the change may have died before this last step of it. Who arms has the lock, and needs it.
clear_boot_guard() {
  (
    exec 9>"$DIR/lock" || exit
    flock -w 5 9 && [ ! -d "$CURRENT" ] && remove_boot_guard
  ) 2>/dev/null
}

# --- who stands still ---------------------------------------------------------------------------------------------

# No sign of life for so long; a boot since the last one is none either.
is_silent() { # CENTISECONDS
  take_line "$SPARE/beat"
  take_uptime || return 0
  [ -z "$content" ] || [ $((uptime - content)) -gt "$1" ] || [ "$content" -gt "$uptime" ]
}

# Stopped by a signal, held by a debugger, or in a frozen group (cgroups(7)): alive, and doing nothing.
stands_still() { # PID
  take_status "$1" State:
  case $value in [Tt]) return 0 ;; esac
  group=
  while IFS= read -r line; do
    case $line in 0::*) group=${line#0::} ;; esac
  done 2>/dev/null <"$PROC/$1/cgroup"
  for line in "$ROOT/sys/fs/cgroup/unified$group" "$ROOT/sys/fs/cgroup$group"; do
    while read -r key value; do
      [ "$key $value" != 'frozen 1' ] || return 0
    done 2>/dev/null <"$line/cgroup.events"
  done
  return 1
}

# A process with all that it started, in one line; never this one.
tree_of() { # PID
  cat "$PROC"/[0-9]*/stat 2>/dev/null | awk -v top="$1" -v self="$$" '
    match($0, /^[0-9]+ \(/) { pid = $1 + 0; sub(/^.*\) /, ""); parent[pid] = $2 }
    END {
      wanted[top] = 1
      do {
        more = 0
        for (pid in parent) if (!(pid in wanted) && (parent[pid] in wanted) && pid != self) { wanted[pid] = 1; more = 1 }
      } while (more)
      for (pid in wanted) printf "%s ", pid
    }'
}

# Ends whoever has the lock and does not move: stopped at once, silent after half a minute (longer than any single step
# may take). A program that it started may hold the lock too.
end_stuck_holder() {
  holder=$(line_of "$SPARE/holder")
  [ "$holder" != $$ ] && is_ours "$holder" "$DIR/guard.sh" || return
  tree=$(tree_of "$holder")
  stuck=
  for one in $tree; do ! stands_still "$one" || stuck=yes; done
  [ -n "$stuck" ] || is_silent 3000 || return
  # Meanwhile he may have come to the end.
  [ "$(line_of "$SPARE/holder")" = "$holder" ] || return
  log "process $holder holds the lock and does not move: it is ended"
  # shellcheck disable=SC2086 # a list of numbers
  kill -KILL $tree 2>/dev/null
}
