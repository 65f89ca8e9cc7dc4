# Arms the rollback: proves that this host can keep the promise, takes the checkpoint, starts the timer. Nothing that
# matters to the host is changed. Input: the plan's files, framed; arguments: id, window in seconds, sha256 of stdin's
# guard, owner, client address, client connection, the console that holds the change, and what this plan needs of tools
# beside those that every plan does.
id=$1 window=$2 guard_sum=$3 owner=$4 from=$5 connection=$6 holder=$7 more_tools=$8

refuse() { # KIND WORDS
  # Whatever failed then failed for want of its files.
  [ -z "${unpacked:-}" ] || [ -e "$CURRENT/state.prepared" ] || set -- removed "somebody removed $CURRENT while the timer was being armed"
  say "refused $1 $2"
  exit 1
}

# However arming ends without a token, also in the middle of a line that a removed file left without its value.
trap '[ -z "${mine:-}" ] || undo_arming' EXIT

# Nothing was applied, so leaving is all there is to undo. The token goes first: without it no trigger acts.
undo_arming() {
  rm -f "$CURRENT/state.armed" "$CURRENT/state.prepared"
  drop_spare
  remove_boot_guard
  stop_triggers "$id"
  end_job "hardtui-drill-$id"
  end_job "hardtui-watch-$id"
  rm -rf "$CURRENT"
  rm -f "$DIR/drill.$id"
}

# --- step 0: can this host keep the promise? -------------------------------------------------------------------

preflight() {
  [ "$(id -u)" = 0 ] || refuse privilege "arming needs root"
  if systemd_runs; then starter="systemd-run systemctl"; else starter=setsid; fi
  for tool in $starter unshare flock timeout awk sed sync sha256sum stat $more_tools; do
    command -v "$tool" >/dev/null 2>&1 || refuse tools "the server lacks $tool"
  done
  { mkdir -p "$DIR/history" && touch "$DIR/lock"; } 2>/dev/null || refuse disk "$DIR can't be written: is the disk full, or mounted read-only?"
  chmod 700 "$DIR"
  { mkdir -p "$SPARE" && chmod 700 "$SPARE"; } 2>/dev/null || refuse disk "$SPARE can't be written"
  case $(df -P "$DIR" | awk 'NR == 2 { print $1 }') in
  tmpfs | ramfs) refuse disk "$DIR is in memory, and would be gone after a power cut" ;;
  esac
  free=$(df -Pk "$DIR" | awk 'NR == 2 { print $4 }')
  [ "${free:-0}" -ge 4096 ] || refuse disk "less than 4 MB are free for the checkpoint in $DIR"
  # An exported script waits for its --keep in there, and would put its old rules back over confirmed ones.
  for pending in "$RUN/set_iptables" "$(path_of /var/run/set_iptables)"; do
    [ ! -e "$pending/armed" ] || refuse script "the timer of an exported script is running here, and would put its own old rules back"
  done
}

# --- step 1: one transaction at a time -------------------------------------------------------------------------

take_lock() {
  # A pending change whose folder somebody removed or emptied is pending all the same: its guard puts it back.
  [ -s "$CURRENT/meta/id" ] || [ ! -s "$SPARE/current/meta/id" ] || sh "$SPARE/guard.sh" status >/dev/null 2>&1
  exec 9>"$DIR/lock"
  # Whoever arms, applies or restores holds this file, so a directory found while holding it has no living owner.
  flock -w 10 9 || busy
  if ! mkdir "$CURRENT" 2>/dev/null; then
    reap_stale
    mkdir "$CURRENT" 2>/dev/null || busy
  fi
  mine=yes
}

# What a crash left is ended by the guard, which takes the lock itself.
by_guard() { # VERB CAUSE
  flock -u 9
  sh "$DIR/guard.sh" "$@" 9>&- >/dev/null 2>&1
  flock -w 10 9 || busy
}

reap_stale() {
  case $(state) in
  preparing | prepared)
    drop_spare
    rm -rf "$CURRENT"
    log "removed what a console left that died while arming"
    ;;
  armed) [ "$(seconds_left)" -ge -30 ] || by_guard rollback timer ;;
  *) by_guard finish ;;
  esac
}

busy() {
  say "busy $(line_of "$CURRENT/meta/id") $(seconds_left) $(line_of "$CURRENT/meta/owner") $(line_of "$CURRENT/meta/from") $(line_of "$CURRENT/meta/since")"
  exit 1
}

# --- the plan's files: "@@ NAME LINES", then that many lines ---------------------------------------------------

unpack() {
  mkdir "$CURRENT/plan" "$CURRENT/meta" "$CURRENT/save" "$CURRENT/applied"
  awk -v dir="$CURRENT/" '
    left > 0 { print > file; left--; next }
    $1 == "@@" && $2 == "end" { whole = 1; next }
    $1 == "@@" { if (file) close(file); file = dir $2; left = $3; printf "" > file; next }
    END { exit whole ? 0 : 1 }' || refuse link "the plan did not arrive whole"
  for coded in "$CURRENT"/plan/*.base64; do
    [ ! -e "$coded" ] || base64 -d <"$coded" >"${coded%.base64}" || refuse link "the plan did not arrive whole"
    rm -f "$coded"
  done
  [ "$(sha256sum <"$CURRENT/guard.sh" | cut -d ' ' -f 1)" = "$guard_sum" ] || refuse link "the guard did not arrive whole"
  mv -f "$CURRENT/guard.sh" "$DIR/guard.sh"
  for pair in "id=$id" "owner=$owner" "from=$from" "first=$from" "connection=$connection" "window=$window" "holder=$holder" \
    "since=$(date +%H:%M:%S)" "day=$(date +%Y-%m-%dT%H:%M:%S%z)"; do
    printf '%s\n' "${pair#*=}" >"$CURRENT/meta/${pair%%=*}"
  done
  soft_reboots >"$CURRENT/meta/soft"
  for family in v4 v6; do backend_in_use "$family" >"$CURRENT/meta/backend.$family"; done
  touch "$CURRENT/state.prepared" || refuse disk "no room for the checkpoint"
  unpacked=yes
}

# --- the drill: a job of the very kind that will watch must leave its mark --------------------------------------

start_drill() {
  rm -f "$DIR/drill.$id"
  start_job "hardtui-drill-$id" once drill "$id" "$(($(uptime_cs) + 100))" ||
    refuse triggers "this host does not start a job for the timer"
}

await_drill() {
  tries=0
  until [ -s "$DIR/drill.$id" ]; do
    tries=$((tries + 1))
    { [ -e "$CURRENT/state.prepared" ] && [ "$tries" -le 150 ]; } || refuse triggers "the fire drill failed: a timer job did not run on this host"
    pause
  done
  rm -f "$DIR/drill.$id"
}

# --- steps 6 to 8: boot guard, everything on the disk, token, watch --------------------------------------------

# Early: from here on neither a dead console nor a boot leaves anything behind.
set_boot_guard() {
  # A hook that outlives a power cut without the script that it runs would stay for ever.
  durable "$DIR/guard.sh" "$DIR" "${DIR%/*}"
  boot_guard=$(install_boot_guard) || refuse triggers "no boot guard can be installed: a reboot inside the window would keep the change"
}

# The watch is there long before the token is: whenever arming dies, somebody is left to end what it began.
start_watch() {
  rm -f "$SPARE/beat"
  [ "$window" -gt 75 ] || touch "$CURRENT/meta/warned"
  start_job "hardtui-watch-$id" kept watch "$id" || refuse triggers "this host does not start a job for the timer"
}

set_triggers() {
  # There before the disk may be full.
  touch "$CURRENT/deadline.lock"
  now=$(uptime_cs)
  echo "$((now + window * 100)) $(boot_id)" | put "$CURRENT/deadline"
  tries=0
  until [ -s "$SPARE/beat" ]; do
    tries=$((tries + 1))
    { [ -e "$CURRENT/state.prepared" ] && [ "$tries" -le 150 ]; } || refuse triggers "the watch gives no sign of life"
    pause
  done
  # systemd always has a second one; elsewhere the watch, which is kept alive, may have to do.
  second=$(second_trigger) || ! systemd_runs || refuse triggers "the second trigger can't be set"
  job_lives "hardtui-watch-$id" || refuse triggers "the watch is not alive"
}

set_token() {
  find "$CURRENT" -type f >"$DIR/.files"
  # shellcheck disable=SC2046 # our own file names, without spaces
  durable $(cat "$DIR/.files") "$DIR/guard.sh" "$CURRENT" "$CURRENT/plan" "$CURRENT/save" "$CURRENT/meta" "$DIR"
  rm -f "$DIR/.files"
  [ "$(seconds_left_cs)" -gt 0 ] || refuse triggers "arming took longer than the window"
  make_spare || refuse disk "no room in $SPARE for a second copy of the checkpoint"
  start_standby "$id"
  become prepared armed || refuse triggers "the timer's token can't be set"
  mine=
  durable "$CURRENT"
}

preflight
take_lock
unpack
start_watch
set_boot_guard
start_drill
for family in $(families); do
  checkpoint "$family"
  prove_checkpoint "$family"
done
each_account checkpoint_account
each_file checkpoint_file
checkpoint_sysctls
each_unit checkpoint_unit
# shellcheck disable=SC2086 # client's address and port, then the server's
set -- $connection
checkpoint_sshd "${4:-}"
reserve_room
say "checkpoint $(what_is_saved)"
for family in $(families); do rehearse "$family"; done
run_checks
say "checked"
await_drill
set_triggers
set_token
tell_users "$owner from $from changes this server; unless it is confirmed it rolls back in $window s"
log "armed $id by $owner from $from: rolls back in $window s unless confirmed"
say "triggers watch, ${second:-no second trigger}, $boot_guard"
say "armed $id $(seconds_left_cs) $(deadline_clock) $(line_of "$CURRENT/meta/since")"
