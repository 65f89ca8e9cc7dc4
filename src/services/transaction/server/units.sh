# Units that a transaction starts, stops, enables or disables, and sshd, which has to listen whatever happens.
# plan/units has a line a unit: UNIT RUN BOOT RUN-BEFORE BOOT-BEFORE, with "-" for what is not changed.
# plan/sshd says how sshd takes up its changed files: reload or restart.

# Under which names enabling a unit makes links.
names_of() { # UNIT
  echo "${1%.service}.service"
  echo "$1"
  if systemd_runs; then
    systemctl cat "$1" 2>/dev/null | sed -n -e 's/^Alias=//p' -e 's/^Also=//p' | tr ' ' '\n' | grep .
  fi
}

# Every link that decides whether these units start at boot, as PATH TARGET.
links_named() { # FILE-OF-NAMES
  find "$UNITS" "$ETC"/rc?.d -type l 2>/dev/null | sort | while read -r link; do
    base=${link##*/}
    case $link in
    */rc?.d/*) base=${base#[SK][0-9][0-9]}.service ;;
    esac
    ! grep -qxF "$base" "$1" || echo "$link $(readlink "$link")"
  done
}

each_unit() { # FUNCTION : calls it with UNIT RUN BOOT RUN-BEFORE BOOT-BEFORE
  [ -s "$CURRENT/plan/units" ] || return 0
  while read -r unit run boot run_before boot_before; do
    "$1" "$unit" "$run" "$boot" "$run_before" "$boot_before" || return
  done <"$CURRENT/plan/units"
}

# --- apply --------------------------------------------------------------------------------------------------------

apply_unit() { # UNIT RUN BOOT …
  [ -e "$CURRENT/state.armed" ] || exit 0
  if [ "$3" != - ]; then said=$(boot_unit "$3" "$1") || fail "$1 could not be changed ($3): $(telling_line "$said")"; fi
  if [ "$2" != - ]; then said=$(run_unit "$2" "$1") || fail "$1 did not $2: $(telling_line "$said")"; fi
  case $2 in
  start | restart) [ "$(run_state "$1")" = active ] || fail "$1 is not running" ;;
  stop) [ "$(run_state "$1")" != active ] || fail "$1 is still running" ;;
  esac
  echo "$1" >>"$CURRENT/applied/steps"
}

# --- restore ------------------------------------------------------------------------------------------------------

# Prints what was done; fails when a unit is not as it was.
restore_units() { # now|boot
  [ -s "$CURRENT/plan/units" ] || return 0
  bad=0 changed=
  while read -r unit run boot run_before boot_before; do
    restore_links "$unit"
    if [ "$1" = boot ]; then
      # What shall run at this boot was decided before the links were right.
      case $changed in *" $unit "*) start_as_linked "$unit" ;; esac
      continue
    fi
    if restore_run "$unit" "$run" "$run_before"; then echo "$unit as it was"; else
      echo "$unit could NOT be brought back to $run_before"
      bad=4
    fi
  done <"$CURRENT/plan/units"
  return "$bad"
}

restore_links() { # UNIT
  links=$CURRENT/save/unit.$1
  # In memory: the disk may be full.
  linked=$(links_named "$links.names")
  [ "$linked" != "$(cat "$links.links")" ] || return
  changed="$changed $1 "
  printf '%s\n' "$linked" | while read -r link target; do
    [ -z "$link" ] || grep -qxF "$link $target" "$links.links" || rm -f "$link"
  done
  while read -r link target; do
    [ "$(readlink "$link")" = "$target" ] || { mkdir_public "${link%/*}" && ln -sfn "$target" "$link"; }
  done <"$links.links"
  durable "$UNITS"
  ! systemd_runs || unlocked timeout 30 systemctl daemon-reload </dev/null >/dev/null 2>&1
}

start_as_linked() { # UNIT
  systemd_runs || return 0
  case $(boot_state "$1") in
  enabled*) unlocked systemctl start --no-block "$1" >/dev/null 2>&1 ;;
  *) unlocked systemctl stop --no-block "$1" >/dev/null 2>&1 ;;
  esac
}

restore_run() { # UNIT RUN RUN-BEFORE
  tries=0
  while [ "$tries" -lt 3 ]; do
    now=$(run_state "$1")
    case $3:$now:$2 in
    active:active:reload | active:active:restart)
      # It has read the changed files; those that were put back it has to read again.
      if [ "$tries" = 0 ]; then run_unit "$2" "$1" >/dev/null; else return 0; fi
      ;;
    active:active:*) return 0 ;;
    active:*)
      ! systemd_runs || systemctl reset-failed "$1" 2>/dev/null
      run_unit start "$1" >/dev/null
      ;;
    *:inactive:* | failed:failed:*) return 0 ;;
    *:failed:*) systemctl reset-failed "$1" 2>/dev/null ;;
    # What is still starting is stopped too: its job would finish after us.
    *) run_unit stop "$1" >/dev/null ;;
    esac
    tries=$((tries + 1))
  done
  if [ "$(run_state "$1")" = active ]; then [ "$3" = active ]; else [ "$3" != active ]; fi
}

# --- sshd ---------------------------------------------------------------------------------------------------------

sshd_unit() {
  for unit in ssh.service sshd.service; do unit_exists "$unit" && { echo "$unit"; return; }; done
  return 1
}

sshd_program() { command -v sshd 2>/dev/null || echo /usr/sbin/sshd; }

# Whether somebody listens on a TCP port here, by the kernel's own table (proc(5)): state 0A, port in hexadecimal.
listens() { # PORT
  hex=$(printf '%04X' "$1")
  cat "$PROC/net/tcp" "$PROC/net/tcp6" 2>/dev/null | awk -v port=":$hex" '
    $4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }'
}

sshd_ports() { "$(sshd_program)" -T 2>/dev/null | sed -n 's/^port //p'; }

apply_sshd() {
  [ -s "$CURRENT/plan/sshd" ] || return 0
  [ -e "$CURRENT/state.armed" ] || exit 0
  verb=$(line_of "$CURRENT/plan/sshd")
  said=$(take_up_sshd "$verb") || fail "sshd did not $verb: $(telling_line "$said")"
  # A reload answers before sshd has closed its old listeners.
  pause && pause && pause
  for port in $(sshd_ports); do
    await_listener "$port" || fail "sshd does not listen on port $port"
  done
  echo sshd >>"$CURRENT/applied/steps"
}

socket_listens() { systemd_runs && systemctl is-active --quiet ssh.socket; }

# With socket activation systemd listens, and every login starts an sshd that reads the files anew.
take_up_sshd() { # reload|restart
  if socket_listens; then
    systemctl daemon-reload && systemctl restart ssh.socket
  else
    run_unit "$1" "$(sshd_unit)"
  fi
}

await_listener() { # PORT : for at most two seconds
  waited=0
  until listens "$1"; do
    waited=$((waited + 1))
    [ "$waited" -le 20 ] || return 1
    pause
  done
}

# Never gated on `sshd -t`: whatever stands in the files, it goes on until a listener exists. A change that has nothing
# to do with sshd finds it listening, or brings it back if somebody else has stopped it meanwhile.
restore_sshd() {
  [ -s "$CURRENT/save/sshd.ports" ] || return 0
  mkdir_public "${HARDTUI_RUN:-/run}/sshd"
  [ -s "$CURRENT/plan/sshd" ] || ! all_listen_now || return 0
  [ "$(run_state "$(sshd_unit)")" = active ] && verbs="reload restart restart" || verbs="restart restart start"
  for verb in $verbs; do
    ! systemd_runs || systemctl reset-failed "$(sshd_unit)" 2>/dev/null
    take_up_sshd "$verb" >/dev/null 2>&1 || continue
    if all_listen; then
      echo "sshd listens on port $(tr '\n' ' ' <"$CURRENT/save/sshd.ports")again"
      return 0
    fi
  done
  unlocked "$(sshd_program)" >/dev/null 2>&1
  all_listen && { echo "sshd was started by hand and listens again"; return 0; }
  echo "sshd could NOT be brought back: use the machine's own console"
  return 4
}

all_listen_now() {
  while read -r port; do listens "$port" || return 1; done <"$CURRENT/save/sshd.ports"
}

all_listen() {
  while read -r port; do await_listener "$port" || return 1; done <"$CURRENT/save/sshd.ports"
}
