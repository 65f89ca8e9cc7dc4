# The dead-man's switch. Installed as /var/lib/hardtui/guard.sh while a change is pending; a plain shell can finish
# what a console began:   sh /var/lib/hardtui/guard.sh status | confirm ID | extend ID | rollback
#
# The timer never decides. One rename of one file does: state.armed becomes state.confirmed or state.reverting, and
# who comes second finds nothing to rename. So any number of triggers may fire, at any moment, twice.

mine() { take_line "$CURRENT/meta/id" && [ "$content" = "$1" ]; } # ID

lock_within() { # SECONDS
  exec 9>"$DIR/lock"
  flock -w "$1" 9 || return
  { echo $$ >"$SPARE/holder"; } 2>/dev/null || :
}

# --- roll back ---------------------------------------------------------------------------------------------------

rollback() { # CAUSE
  trap '' HUP INT TERM PIPE
  id=$(line_of "$CURRENT/meta/id")
  if become armed reverting; then
    won=yes
    printf '%s\n' "$1" >"$CURRENT/cause"
    durable "$CURRENT/cause" "$CURRENT"
  else
    [ -e "$CURRENT/state.reverting" ] || return 3
  fi
  # An apply that is still at work must not write after us.
  kill_job "hardtui-apply-$id"
  drop_secrets
  alive
  lock_for_rollback || return 3
  { mine "$id" && [ -e "$CURRENT/state.reverting" ]; } || return 0
  rm -f "$CURRENT/save/reserve"
  mark_current
  # In memory first: a file that can't be made must not keep anything from being put back.
  result=$(put_back "$1" 2>/dev/null)
  worst=$?
  is_marked || { begin_again "$1"; return; }
  printf '%s\n' "$result" | put "$CURRENT/result"
  become reverting reverted
  cause=$(cause_of)
  words=$(printf '%s\n' "$result" | words_of_notes | tr '\n' ';')
  words=${words%;}
  log "rolled back $id ($cause): $words"
  tell_users "the change by $(line_of "$CURRENT/meta/owner") was rolled back ($cause): $words"
  archive "rolled-back-$cause"
  return "$worst"
}

# Waits for the lock as long as whoever has it is at work.
lock_for_rollback() {
  for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    ! lock_within 1 || return 0
    [ -e "$CURRENT/state.reverting" ] || return 1
    [ "$second" = 1 ] || end_stuck_holder
  done
  # Somebody is restoring already; only whoever won the token goes on without the lock.
  [ -n "${won:-}" ] && log "rolling back $id although another process holds the lock"
}

# On a full disk the cause could not be written down.
cause_of() { cause=$(line_of "$CURRENT/cause") && echo "${cause:-timer}"; }

# A ban that befell the operator inside the window would outlast the rollback and keep him out all the same.
unban_operator() {
  # Not that of the machine which the practice server runs on.
  [ -z "$ROOT" ] && command -v fail2ban-client >/dev/null 2>&1 || return 0
  from=$(line_of "$CURRENT/meta/from")
  case $(timeout 10 fail2ban-client unban "$from" 2>/dev/null) in
  [1-9]*) note plain "fail2ban had banned $from meanwhile: the ban is lifted" ;;
  esac
}

# Prints what was put back; fails with 4 when something was not.
put_back() { # CAUSE
  bad_end=0
  when=now
  [ "$1" != boot ] || when=boot
  if kernel_is_new; then
    # Its rules went with the boot, and the files they are loaded from were never touched.
    note plain "the server rebooted inside the window: what was saved before is loaded"
  else
    for family in $(families); do restore_family "$family" || bad_end=4; done
    [ "$when" = boot ] || unban_operator
  fi
  restore_accounts at-once "$when" || bad_end=4
  restore_files || bad_end=4
  restore_sysctls || bad_end=4
  [ "$when" = boot ] || restore_sshd || bad_end=4
  restore_accounts at-last "$when" || bad_end=4
  restore_units "$when" || bad_end=4
  return "$bad_end"
}

# Not after a soft reboot (systemd-soft-reboot.service(8)), which ends every process and leaves the kernel's rules alone.
kernel_is_new() {
  read -r at booted <"$CURRENT/deadline" 2>/dev/null || return
  [ "$booted" != "$(boot_id)" ]
}

# Whether everything was started anew since arming, with or without the kernel; a watch may be back already.
userspace_is_new() {
  count=$(soft_reboots)
  [ -n "$count" ] && [ "$count" != "$(line_of "$CURRENT/meta/soft")" ]
}

# --- triggers ----------------------------------------------------------------------------------------------------

# Under a lock of its own, because an extension moves the deadline: whoever holds it sees the last word.
expired() {
  (
    exec 8>"$CURRENT/deadline.lock"
    flock -w 2 8 || :
    [ "$(seconds_left_cs)" -le 0 ] && become armed reverting && echo timer >"$CURRENT/cause"
  )
}

watch() {
  trap '' HUP PIPE
  while keeps "$1"; do
    take_state
    case $stage in
    armed)
      take_left
      alive
      [ "$left" -gt 6000 ] || [ -e "$CURRENT/meta/warned" ] || warn_users
      if [ "$left" -le 0 ]; then
        if expired; then
          won=yes
          rollback timer
        else
          [ "$left" -gt -200 ] || without_token "$1"
          pause
        fi
      elif [ "$left" -lt 150 ]; then pause
      else
        with_others "$1"
        sleep 1
      fi
      continue
      ;;
    reverting) rollback "$(cause_of)" ;;
    confirmed | reverted) finish ;;
    *)
      alive
      drop_if_orphaned
      ;;
    esac
    # Whoever looks now must not take a watch that is about to end for somebody at work.
    exec 9>&-
    sleep 1
  done
  exit "$DONE"
}

# The token can't be renamed where the file system takes no changes any more, so nobody can confirm either. What lives in
# the kernel comes back all the same; files have to wait until it takes changes again, or for the next boot.
without_token() { # ID
  [ -e "$CURRENT/state.armed" ] && [ -z "${without:-}" ] || return 0
  without=yes
  kill_job "hardtui-apply-$1"
  log "the deadline of $1 has passed and $CURRENT takes no changes: what the kernel holds alone is restored"
  { for family in $(families); do restore_family "$family"; done; restore_sysctls; } 2>/dev/null | words_of_notes | while read -r line; do log "$line"; done
}

# The watch and who stands by look after each other. systemd does not die; elsewhere a watch that lost its keeper makes way
# for a new pair.
with_others() { # ID
  standby_lives || start_standby "$1"
  systemd_runs || job_lives "hardtui-watch-$1" || { start_job "hardtui-watch-$1" kept watch "$1" && exit "$DONE"; }
}

# Whoever arms holds the lock until the token is set: free and still without one, it has died.
drop_if_orphaned() {
  exec 9>"$DIR/lock"
  if flock -n 9; then
    case $(state) in preparing | prepared) drop_unarmed ;; esac
  fi
  exec 9>&-
}

is_orphaned() { (exec 9>"$DIR/lock" && flock -n 9); }

# Nothing was applied.
drop_unarmed() {
  drop_spare
  stop_triggers "$(line_of "$CURRENT/meta/id")"
  remove_boot_guard
  rm -rf "$CURRENT"
}

# touch and not a redirection of `:`, which ends the shell where the disk is full.
warn_users() {
  touch "$CURRENT/meta/warned" 2>/dev/null || return
  tell_users "a change by $(line_of "$CURRENT/meta/owner") rolls back in one minute unless it is confirmed"
}

# Starts a watch where none is alive: for cron, once a minute.
tick() { # ID
  keeps "$1" || { rm -f "$ETC/cron.d/hardtui"; exit 0; }
  job_lives "hardtui-watch-$1" || start_job "hardtui-watch-$1" kept watch "$1"
}

is_watched() { standby_lives || job_lives "hardtui-watch-$(line_of "$CURRENT/meta/id")"; }

drill() { # ID UPTIME
  until take_uptime && [ "$uptime" -ge "$2" ]; do pause; done
  echo fired >"$DIR/drill.$1"
  exit "$DONE"
}

# Starting another target starts this too, once the manager has read its units anew: no boot, while somebody watches.
boot() {
  case $(state) in
  armed | reverting)
    kernel_is_new || userspace_is_new || ! is_watched || return 0
    become armed reverting && echo boot >"$CURRENT/cause"
    rollback boot
    ;;
  confirmed)
    # This boot was planned before the rules' own loader was there.
    [ "$(line_of "$CURRENT/plan/persist")" = loader ] && loads=yes
    finish
    [ -z "${loads:-}" ] || load_kept_rules
    ;;
  reverted) finish ;;
  *)
    # cron may come late: whoever arms by then holds the lock.
    exec 9>"$DIR/lock"
    ! flock -n 9 || drop_unarmed
    ;;
  esac
}

# Completes what a crash cut short; safe at any time, any number of times.
finish() {
  lock_within 5 || { end_stuck_holder; lock_within 10; } || return 1
  case $(state) in
  confirmed)
    install_persisted
    note_kept
    archive confirmed
    ;;
  reverted) archive "rolled-back-$(cause_of)" ;;
  reverting) rollback "$(cause_of)" ;;
  esac
}

# --- apply and verify ----------------------------------------------------------------------------------------------

apply() { # runs as its own job: whatever happens to the console, it ends in one of two known places
  take_secrets
  lock_within 5 || fail "another process holds the lock"
  mine "$1" || exit 0
  meet_connections
  for family in $(families); do
    [ -e "$CURRENT/state.armed" ] || exit 0
    live_chains "$family" | cmp -s - "$CURRENT/save/$family.before" || fail "the $family rules changed after arming"
    echo "$family" >>"$CURRENT/applied/began"
    restore "$family" --noflush <"$CURRENT/plan/$family.delta" 2>"$CURRENT/applied/err" ||
      fail "iptables refused the $family change: $(reason_of "$CURRENT/applied/err")"
    echo "$family" >>"$CURRENT/applied/steps"
    end_meeting "$family" || fail "a chain of our own can't be taken away"
  done
  each_account apply_account
  secrets=
  each_file apply_file
  apply_sysctls
  apply_sshd
  each_unit apply_unit
  for family in $(families); do
    live_chains "$family" | cmp -s - "$CURRENT/save/$family.after" || fail "the $family rules are not as planned"
  done
  { ticks_now 2>/dev/null || uptime_cs; } | put "$CURRENT/applied/done"
  renew_spare
  log "applied $1"
}

fail() {
  printf '%s\n' "$1" | put "$CURRENT/applied/failed"
  log "applying failed: $1"
  exec 9>&-
  # In a job of its own: the rollback kills the one that applies, which is this.
  start_job "hardtui-undo-$(line_of "$CURRENT/meta/id")" once rollback failure
  exit 1
}

# An apply that failed may be rolled back before anybody looked: the record has its reason.
tell_end() {
  why=$(line_of "$(record_of "$1")/applied/failed")
  [ -z "$why" ] || { say "failed $why"; return; }
  say "gone $(ended_as "$1")"
}

# Starts the apply and tells how it goes; dying here changes nothing.
start_apply() { # ID [secrets]
  if ! mine "$1" || [ ! -e "$CURRENT/state.armed" ]; then say "gone $(ended_as "$1")"; exit 1; fi
  trap drop_secrets EXIT
  trap 'exit 1' HUP INT TERM
  [ "${2:-}" != secrets ] || leave_secrets || { say "failed the password could not be kept in memory"; exit 1; }
  start_job "hardtui-apply-$1" once apply "$1" || { say "failed the apply could not be started"; exit 1; }
  tries=0
  while [ "$tries" -lt 600 ]; do
    [ -s "$CURRENT/applied/done" ] && { say "applied $(tr '\n' ' ' <"$CURRENT/applied/steps")"; return 0; }
    # Read before it is asked about: the rollback moves it away any moment.
    take_line "$CURRENT/applied/failed"
    [ -z "$content" ] || { say "failed $content"; exit 1; }
    mine "$1" || { tell_end "$1"; exit 1; }
    tries=$((tries + 1))
    pause
  done
  say "failed the apply does not end"
  exit 1
}

# --- status ----------------------------------------------------------------------------------------------------------

status() { # [raw [ID]]
  if [ "${1:-}" = raw ]; then raw_status "${2:-}"; return; fi
  now=$(state)
  case $now in preparing | prepared) ! is_orphaned || now=none ;; esac
  case $now in
  none) echo "hardtui: nothing is pending on this host." ;;
  armed)
    echo "hardtui: a change by $(line_of "$CURRENT/meta/owner") from $(line_of "$CURRENT/meta/from") is pending since $(line_of "$CURRENT/meta/since")."
    echo "It rolls back by itself in $(seconds_left) s. To keep it: log in anew, then sh $DIR/guard.sh confirm $(line_of "$CURRENT/meta/id")"
    echo "To roll it back now: sh $DIR/guard.sh rollback"
    ;;
  *) echo "hardtui: a change by $(line_of "$CURRENT/meta/owner") is being ended ($(state))." ;;
  esac
}

raw_status() { # [ID] : what became of ID, when it is not pending
  take_state
  # Nothing was applied, and nobody is left who could: the next arming clears it away.
  case $stage in preparing | prepared) ! is_orphaned || stage=none ;; esac
  say "state $stage"
  if [ "$stage" != none ]; then
    first=$(first_words)
    [ -z "$first" ] || say "first $first"
    for one in id owner from since window holder; do take_line "$CURRENT/meta/$one" && say "$one $content"; done
    [ ! -s "$CURRENT/meta/taken" ] || say "taken $(line_of "$CURRENT/meta/taken.at") $(tail -n 1 "$CURRENT/meta/taken")"
    take_left
    say "left $left"
    say "deadline $(deadline_clock)"
    if [ -s "$CURRENT/applied/done" ]; then say "applied yes"; else say "applied no"; fi
    [ -s "$CURRENT/applied/failed" ] && say "failed $(line_of "$CURRENT/applied/failed")"
    sed 's/^/@summary /' "$CURRENT/plan/summary" 2>/dev/null
  fi
  if [ -n "$1" ] && ! mine "$1"; then
    say "ended $(ended_as "$1")"
    kept=$(line_of "$(record_of "$1")/meta/kept")
    [ -z "$kept" ] || say "kept $kept"
    tell_result "$1"
  fi
  # Half an answer is no answer.
  say "end status"
}

# Why it was applied only in part, then what became of each thing.
tell_result() { # ID
  why=$(line_of "$(record_of "$1")/applied/failed")
  [ -z "$why" ] || say "note failed $why"
  sed 's/^/@note /' "$(record_of "$1")/result" 2>/dev/null || :
}

# Which login a console calls from: from CONNECTION VERB …
session=
[ "${1:-}" != from ] || { session=$2 && shift 2; }
mend_current
verb=${1:-status}
[ $# -gt 0 ] && shift
case $verb in
status | watch | standby | note_proof | tick | drill | boot | finish | apply | confirm | extend | takeover) "$verb" "$@" ;;
start-apply) start_apply "$@" ;;
history) list_history ;;
record) show_record "$@" ;;
rollback) # CAUSE [ID]: with an id, only that one; somebody else's newer change is not ours to end
  if [ -n "${2:-}" ] && ! mine "$2"; then
    say "gone $(ended_as "$2")"
    exit 3
  fi
  before=$(line_of "$CURRENT/meta/id")
  rollback "${1:-operator}"
  ended=$?
  case $ended in
  0 | 4)
    say "rolled-back $before"
    tell_result "$before"
    ;;
  *) tell_restored "$before" || say "gone $(state)" ;;
  esac
  exit "$ended"
  ;;
*)
  echo "usage: sh $DIR/guard.sh status | confirm ID | extend ID SECONDS | rollback | history" >&2
  exit 2
  ;;
esac
