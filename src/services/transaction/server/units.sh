# Units that a transaction starts, stops, enables or disables.
# plan/units has a line a unit: UNIT RUN BOOT RUN-BEFORE BOOT-BEFORE, with "-" for what is not changed.

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

# A changed file of a unit's own says nothing until systemd has read it.
reread_units() {
  systemd_runs && [ -s "$CURRENT/plan/files" ] || return 0
  while read -r _ _ _ path; do
    case $(path_of "$path") in
    "$UNITS"/*)
      unlocked timeout 30 systemctl daemon-reload </dev/null >/dev/null 2>&1
      return 0
      ;;
    esac
  done <"$CURRENT/plan/files"
}

# --- apply --------------------------------------------------------------------------------------------------------

apply_unit() { # UNIT RUN BOOT …
  [ -e "$CURRENT/state.armed" ] || exit 0
  reread_units
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
  reread_units
  while read -r unit run boot run_before boot_before; do
    is_whole || return 4
    restore_links "$unit"
    if [ "$1" = boot ]; then
      # What shall run at this boot was decided before the links were right.
      case $changed in *" $unit "*) start_as_linked "$unit" ;; esac
      [ "$run" != restart ] || start_as_written "$unit"
      continue
    fi
    if restore_run "$unit" "$run" "$run_before"; then note plain "$unit as it was"; else
      note lost "$unit could NOT be brought back to $run_before"
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
  if systemd_runs; then
    case $(boot_state "$1") in
    enabled*) unlocked systemctl start --no-block "$1" >/dev/null 2>&1 ;;
    *) unlocked systemctl stop --no-block "$1" >/dev/null 2>&1 ;;
    esac
    return
  fi
  # The scripts of a runlevel are still to come; those of rcS were chosen.
  for link in "$ETC"/rcS.d/[SK][0-9][0-9]"${1%.service}"; do
    # By exec: a shell keeps what a redirection stands in for, and who reads that would wait.
    ! [ -L "$link" ] || { exec </dev/null >/dev/null 2>&1 8>&- 9>&- && run_as_linked "$1"; } &
  done
}

# What this boot started already has read the changed files; what is still to come will read the right ones.
start_as_written() { # UNIT
  if systemd_runs; then
    unlocked systemctl try-restart --no-block "$1" >/dev/null 2>&1
  elif [ "$(run_state "$1")" = active ]; then
    { exec </dev/null >/dev/null 2>&1 8>&- 9>&- && run_unit restart "$1"; } &
  fi
}

# Once rcS is through: what the script needs is started by then.
run_as_linked() { # UNIT
  tries=0
  while [ "$tries" -lt 120 ]; do
    case $(runlevel 2>/dev/null) in '' | unknown | *S) sleep 1 ;; *) break ;; esac
    tries=$((tries + 1))
  done
  case $(boot_state "$1"):$(run_state "$1") in
  enabled:active | disabled:inactive) ;;
  enabled:*) run_unit start "$1" ;;
  *) run_unit stop "$1" ;;
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
