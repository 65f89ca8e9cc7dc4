# What a person may do with a pending change: confirm it, give it more time, answer for it in another's place.

# When the login that runs this began, in the kernel's ticks: the start of its sshd, that is of the process of root's which
# took the connection. Nobody can forge it, and no container's own idea of uptime shifts it.
login_began() {
  pid=$$
  while [ "$pid" -gt 1 ] 2>/dev/null; do
    read -r stat <"$PROC/$pid/stat" || return 1
    # shellcheck disable=SC2086 # split into fields: state, parent, … , start time is the 20th
    set -- ${stat##*) }
    ! is_sshd "$pid" || { shift 19 && echo "$1" && return; }
    pid=$2
  done
  return 1
}

# A kept ESTABLISHED rule keeps the old session alive while new logins are locked out: only a newer login counts.
newer_login() {
  if began=$(login_began); then [ "$began" -ge "$(line_of "$CURRENT/applied/done")" ]; else
    [ -n "$session" ] && [ "$session" != "$(line_of "$CURRENT/meta/connection")" ]
  fi
}

check_pending() { # ID
  if ! mine "$1"; then say "gone $(ended_as "$1")"; exit 1; fi
  [ -e "$CURRENT/state.armed" ] || { say "gone $(state)"; exit 1; }
  [ -s "$CURRENT/applied/done" ] || { say "early the change is not applied yet"; exit 1; }
}

# A console that holds the change says so; one that lost it to another operator must not end it unawares. A plain shell
# says nothing, and may.
still_holds() { # HOLDER
  [ -z "${1:-}" ] || [ "$1" = "$(line_of "$CURRENT/meta/holder")" ] ||
    { say "taken $(line_of "$CURRENT/meta/owner") $(line_of "$CURRENT/meta/from") $(line_of "$CURRENT/meta/taken.at")"; exit 1; }
}

# What the console that made the change found when it logged in anew, by its own word.
note_proof() { # ID HOLDER works|fails WORDS
  mine "$1" && [ "$(line_of "$CURRENT/meta/holder")" = "$2" ] && [ ! -s "$CURRENT/meta/taken" ] || return 0
  printf '%s %s\n' "$3" "$4" | put "$CURRENT/meta/proof"
  renew_spare
}

# What stands against a confirm from another address than the change was made from: a proof from there says nothing about
# whoever made it. Prints nothing where nothing does.
first_words() {
  first=$(line_of "$CURRENT/meta/first")
  # A plain shell has sshd's own word only. It serves here and not above: in a screen session it may be an old login's.
  here=${session:-${SSH_CONNECTION:-}}
  [ "${here%% *}" != "$first" ] || return
  proof=$(line_of "$CURRENT/meta/proof")
  case $proof in
  works*) ;;
  fails*) echo "the console that made this change, from $first, could not log in anew: ${proof#fails }" ;;
  *) echo "the console that made this change, from $first, has not said whether a new login from there works" ;;
  esac
}

confirm() { # ID [-|heard|unproven] [HOLDER]
  check_pending "$1"
  if [ "${2:-}" != unproven ]; then
    newer_login || { say "old this login is older than the change and proves nothing: log in anew and confirm from there"; exit 1; }
  fi
  lock_within 15 || { say "failed another process holds the lock"; exit 1; }
  still_holds "${3:-}"
  case ${2:-} in heard | unproven) ;; *)
    first=$(first_words)
    [ -z "$first" ] || { say "first $first. To keep the change all the same: sh $DIR/guard.sh confirm $1 heard"; exit 1; }
    ;;
  esac
  write_aside || { say "failed the rules can't be saved for the next boot: is the disk full?"; exit 1; }
  [ "${2:-}" = unproven ] && echo "confirmed without a proof, by name" >"$CURRENT/meta/unproven"
  trap '' HUP INT TERM PIPE
  if [ "$(seconds_left_cs)" -le 0 ] || ! become armed confirmed; then say "gone $(state)"; exit 1; fi
  # A copy that says `armed` would bring back what is confirmed.
  rm -rf "$SPARE/current"
  durable "$CURRENT"
  log "confirmed $1"
  say "confirmed $1"
  if install_persisted; then note_kept; else echo "not the rules files could not be written" >"$CURRENT/meta/kept"; fi
  say "kept $(line_of "$CURRENT/meta/kept")"
  archive confirmed
}

extend() { # ID SECONDS [HOLDER]
  check_pending "$1"
  newer_login || { say "old this login is older than the change: log in anew and extend from there"; exit 1; }
  still_holds "${3:-}"
  (
    exec 8>"$CURRENT/deadline.lock"
    flock -w 5 8 || exit 1
    take_left
    [ "$left" -gt 0 ] && [ -e "$CURRENT/state.armed" ] || exit 1
    more=$((left + $2 * 100))
    [ "$more" -le 720000 ] || more=720000
    echo "$(($(uptime_cs) + more)) $(boot_id)" | put "$CURRENT/deadline"
    durable "$CURRENT/deadline" "$CURRENT"
  ) || { say "gone $(state)"; exit 1; }
  rm -f "$CURRENT/meta/warned"
  second_trigger >/dev/null
  log "extended $1 by $2 s"
  say "extended $(seconds_left_cs)"
}

# Another operator answers for the change from now on; whoever did so far is told by the next reading.
takeover() { # ID OWNER FROM HOLDER
  if ! mine "$1" || [ ! -e "$CURRENT/state.armed" ]; then say "gone $(ended_as "$1")"; exit 1; fi
  lock_within 5 || { say "failed another process holds the lock"; exit 1; }
  before="$(line_of "$CURRENT/meta/owner") $(line_of "$CURRENT/meta/from")"
  echo "$before" >>"$CURRENT/meta/taken"
  date +%H:%M:%S | put "$CURRENT/meta/taken.at"
  echo "$4" | put "$CURRENT/meta/holder"
  echo "$2" | put "$CURRENT/meta/owner"
  echo "$3" | put "$CURRENT/meta/from"
  durable "$CURRENT/meta"
  log "$2 from $3 took $1 over from $before"
  tell_users "$2 from $3 took the pending change over from $before"
  say "took $1"
}
