# Arms the rollback: proves that this host can keep the promise, takes the checkpoint, starts the timer. Nothing that
# matters to the host is changed. Input: the plan's files, framed; arguments: id, window in seconds, sha256 of stdin's
# guard, owner, client address, client connection.
id=$1 window=$2 guard_sum=$3 owner=$4 from=$5 connection=$6

refuse() { # KIND WORDS
  say "refused $1 $2"
  [ -z "${mine:-}" ] || undo_arming
  exit 1
}

# Nothing was applied, so leaving is all there is to undo. The token goes first: without it no trigger acts.
undo_arming() {
  rm -f "$CURRENT/state.armed" "$CURRENT/state.prepared"
  remove_boot_guard
  stop_triggers
  rm -rf "$CURRENT"
  rm -f "$DIR/drill.$id"
}

# --- step 0: can this host keep the promise? -------------------------------------------------------------------

preflight() {
  [ "$(id -u)" = 0 ] || refuse privilege "arming needs root"
  [ -d "${HARDTUI_RUN:-/run}/systemd/system" ] || refuse triggers "this host does not run systemd"
  for tool in systemd-run systemctl unshare flock timeout awk sed sync sha256sum; do
    command -v "$tool" >/dev/null 2>&1 || refuse tools "the server lacks $tool"
  done
  mkdir -p "$DIR" 2>/dev/null || refuse disk "$DIR can't be made: is the file system read-only?"
  chmod 700 "$DIR"
  case $(df -P "$DIR" | awk 'NR == 2 { print $1 }') in
  tmpfs | ramfs) refuse disk "$DIR is in memory, and would be gone after a power cut" ;;
  esac
  free=$(df -Pk "$DIR" | awk 'NR == 2 { print $4 }')
  [ "${free:-0}" -ge 4096 ] || refuse disk "less than 4 MB are free for the checkpoint in $DIR"
}

# --- step 1: one transaction at a time -------------------------------------------------------------------------

take_lock() {
  exec 9>"$DIR/lock"
  # Whoever arms, applies or restores holds this file, so a directory found while holding it has no living owner.
  flock -w 10 9 || busy
  if ! mkdir "$CURRENT" 2>/dev/null; then
    reap_stale
    mkdir "$CURRENT" 2>/dev/null || busy
  fi
  mine=yes
}

reap_stale() {
  case $(state) in
  preparing | prepared)
    rm -rf "$CURRENT"
    log "removed what a console left that died while arming"
    ;;
  armed) [ "$(seconds_left)" -ge -30 ] || sh "$DIR/guard.sh" rollback timer 9>&- >/dev/null 2>&1 ;;
  *) sh "$DIR/guard.sh" finish 9>&- >/dev/null 2>&1 ;;
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
    $1 == "@@" { file = dir $2; left = $3; printf "" > file; next }
    END { exit whole ? 0 : 1 }' || refuse link "the plan did not arrive whole"
  [ "$(sha256sum <"$CURRENT/guard.sh" | cut -d ' ' -f 1)" = "$guard_sum" ] || refuse link "the guard did not arrive whole"
  mv -f "$CURRENT/guard.sh" "$DIR/guard.sh"
  for pair in "id=$id" "owner=$owner" "from=$from" "connection=$connection" "window=$window" \
    "since=$(date +%H:%M:%S)" "day=$(date +%Y-%m-%dT%H:%M:%S%z)"; do
    printf '%s\n' "${pair#*=}" >"$CURRENT/meta/${pair%%=*}"
  done
  : >"$CURRENT/state.prepared"
}

# --- the drill: a job of the very kind that will watch must leave its mark --------------------------------------

start_drill() {
  rm -f "$DIR/drill.$id"
  watch_service "hardtui-drill-$id" drill "$id" "$(($(uptime_cs) + 100))" ||
    refuse triggers "systemd does not start a service for the timer"
}

await_drill() {
  tries=0
  until [ -s "$DIR/drill.$id" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 60 ] || refuse triggers "the fire drill failed: a timer job did not run on this host"
    pause
  done
  rm -f "$DIR/drill.$id"
}

# --- steps 2 to 5: checkpoint, its proof, drift, the rehearsal -------------------------------------------------

checkpoint() { # FAMILY
  all=$CURRENT/save/$1.all
  "$(save_tool "$1")" -c >"$all" 2>"$CURRENT/save/$1.err" || refuse checkpoint "the $1 rules can't be saved: $(tail -n 1 "$CURRENT/save/$1.err")"
  # A host without rules saves nothing, and restoring nothing restores nothing: every touched table is written out.
  cut -d ' ' -f 1 "$CURRENT/plan/$1.touches" | sort -u | while read -r table; do
    grep -qx "\\*$table" "$all" && continue
    echo "$table" >>"$CURRENT/save/$1.absent"
    empty_table "$table" >>"$all"
  done
  chains_of "$CURRENT/plan/$1.touches" <"$all" >"$CURRENT/save/$1.before"
  undo_input "$1" <"$all" >"$CURRENT/save/$1.undo"
}

empty_table() {
  case $1 in
  filter | security) chains="INPUT FORWARD OUTPUT" ;;
  nat) chains="PREROUTING INPUT OUTPUT POSTROUTING" ;;
  raw) chains="PREROUTING OUTPUT" ;;
  *) chains="PREROUTING INPUT FORWARD OUTPUT POSTROUTING" ;;
  esac
  echo "*$1"
  for chain in $chains; do echo ":$chain ACCEPT [0:0]"; done
  echo COMMIT
}

# The touched chains alone, rewritten as they were (counters too), as one input for iptables-restore --noflush.
undo_input() { # FAMILY < save
  touches=$(cat "$CURRENT/plan/$1.touches") awk '
    BEGIN {
      n = split(ENVIRON["touches"], order, "\n")
      for (i = 1; i <= n; i++) wanted[order[i]] = 1
    }
    /^\*/ { table = substr($0, 2); open = 0 }
    /^:/ {
      key = table " " substr($1, 2)
      if (!(key in wanted)) next
      if (!open) { print "*" table; open = 1 }
      print $0
      print "-F " substr($1, 2)
    }
    /^(\[[0-9]+:[0-9]+\] )?-A / {
      line = $0
      sub(/^\[[0-9]+:[0-9]+\] /, "", line)
      split(line, word, " ")
      if ((table " " word[2]) in wanted) print $0
    }
    /^COMMIT/ { if (open) print "COMMIT"; open = 0 }'
}

# A save can lie: native nft rules are printed as something else, with status 0. What it restores to must be what is
# there now, by iptables' own account and, where nft can be asked, by the kernel's.
prove_checkpoint() { # FAMILY
  work=$CURRENT/save/$1
  in_scratch "$1" <"$work.all" >"$work.again" 2>"$work.err" ||
    refuse checkpoint "the checkpoint of the $1 rules can't be restored: $(reason_of "$work.err")"
  comparable <"$work.all" >"$work.a"
  comparable <"$work.again" >"$work.b"
  cmp -s "$work.a" "$work.b" || refuse checkpoint "restoring the $1 rules would not give the same rules"
  prove_by_kernel "$1"
  rm -f "$work.a" "$work.b" "$work.again" "$work.err"
}

prove_by_kernel() { # FAMILY
  command -v nft >/dev/null 2>&1 || return 0
  iptables --version 2>/dev/null | grep -q nf_tables || return 0
  cut -d ' ' -f 1 "$CURRENT/plan/$1.touches" | sort -u >"$work.tables"
  while read -r table; do
    nft -s list table "$(nft_family "$1")" "$table" 2>/dev/null | kernel_rules >"$work.live"
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare -n sh -c '"$1" --noflush <"$2" && nft -s list table "$3" "$4"' scratch \
      "$(restore_tool "$1")" "$work.all" "$(nft_family "$1")" "$table" 2>/dev/null | kernel_rules >"$work.scratch"
    cmp -s "$work.live" "$work.scratch" ||
      refuse checkpoint "table $table ($1) holds native nftables rules that iptables-save can't save truly"
  done <"$work.tables"
  rm -f "$work.live" "$work.scratch" "$work.tables"
}

# What a table does, whatever the order its chains were made in; a chain that is empty and accepts does nothing.
kernel_rules() {
  awk '
    /^\t[a-z]+ .*{$/ { block = $1 " " $2; n = 1000000; next }
    /^\t\t/ && !/ policy accept;$/ { print block " " n++ " " $0 }' | sort
}

# What was reviewed must be what is there, the change must give what was reviewed, and the undo must undo it.
rehearse() { # FAMILY
  plan=$CURRENT/plan/$1
  work=$CURRENT/save/$1
  if ! cmp -s "$work.before" "$plan.base"; then
    diff -u "$plan.base" "$work.before" | sed -n -e '1,2d' -e 's/^\([-+]\)/moved \1 /p' | head -n 20 | while read -r line; do say "$line"; done
    refuse drift "the $1 rules changed since they were read"
  fi
  cat "$work.all" "$plan.delta" | in_scratch "$1" >"$work.then" 2>"$work.err" ||
    refuse rules "iptables refuses the change: $(reason_of "$work.err")"
  chains_of "$plan.touches" <"$work.then" >"$work.after"
  cmp -s "$work.after" "$plan.planned" || refuse rules "the kernel reads the $1 change differently from what was reviewed"
  cat "$work.then" "$work.undo" | in_scratch "$1" 2>"$work.err" | chains_of "$plan.touches" >"$work.undone"
  cmp -s "$work.undone" "$work.before" || refuse checkpoint "the rehearsal of the $1 rollback did not give the old rules"
  rm -f "$work.then" "$work.undone" "$work.err"
}

# --- steps 6 to 8: boot guard, everything on the disk, token, watch --------------------------------------------

install_boot_guard() {
  mkdir -p "$UNITS/sysinit.target.wants" || refuse triggers "the boot guard can't be installed in $UNITS"
  put "$UNITS/$BOOT_UNIT" <<UNIT || refuse triggers "the boot guard can't be written to $UNITS"
[Unit]
Description=hardtui: roll back a change that nobody confirmed
DefaultDependencies=no
RequiresMountsFor=$DIR
ConditionPathExists=$CURRENT
After=local-fs.target
Before=sysinit.target network-pre.target ssh.service sshd.service ssh.socket sshd.socket
Before=netfilter-persistent.service iptables.service ip6tables.service nftables.service firewalld.service ufw.service
Before=hardtui-rules.service

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=90
ExecStart=/bin/sh $DIR/guard.sh boot
UNIT
  ln -sf "../$BOOT_UNIT" "$BOOT_LINK" || refuse triggers "the boot guard can't be enabled in $UNITS"
}

arm_timer() {
  now=$(uptime_cs)
  echo "$((now + window * 100)) $(boot_id)" | put "$CURRENT/deadline"
  find "$CURRENT" -type f >"$DIR/.files"
  # shellcheck disable=SC2046 # our own file names, without spaces
  durable $(cat "$DIR/.files") "$DIR/guard.sh" "$UNITS/$BOOT_UNIT" "$CURRENT" "$CURRENT/plan" "$CURRENT/save" \
    "$CURRENT/meta" "$DIR" "$UNITS" "$UNITS/sysinit.target.wants"
  rm -f "$DIR/.files"
  become prepared armed || refuse triggers "the timer's token can't be set"
  durable "$CURRENT"
}

start_watch() {
  watch_service "hardtui-watch-$id" watch "$id" || refuse triggers "the watch service does not start"
  tries=0
  until [ -s "$CURRENT/beat" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 50 ] || refuse triggers "the watch service gives no sign of life"
    pause
  done
  second_trigger || refuse triggers "the second trigger can't be set"
  systemctl is-active --quiet "hardtui-watch-$id.service" || refuse triggers "the watch service is not active"
}

preflight
take_lock
unpack
start_drill
for family in $(families); do
  checkpoint "$family"
  prove_checkpoint "$family"
done
say "checkpoint $(families | tr '\n' ' ')"
for family in $(families); do rehearse "$family"; done
say "checked $(families | tr '\n' ' ')"
install_boot_guard
await_drill
arm_timer
start_watch
log "armed $id by $owner from $from: rolls back in $window s unless confirmed"
say "armed $id $(seconds_left_cs) $(deadline_clock) $(line_of "$CURRENT/meta/since")"
