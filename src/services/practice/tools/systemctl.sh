#!/bin/sh
# Stands in for systemctl(1). Units are lines of $HARDTUI_ROOT/systemd/units (name, load, active, sub, boot state,
# description, by TAB); transient ones are files with their keeper's pid and the command's, made by systemd-run.
here=$HARDTUI_ROOT/systemd
tab='	'
verb='' signal=TERM properties='' value='' quiet='' now='' names=''
while [ $# -gt 0 ]; do
  case $1 in
  --property=*) properties="$properties ${1#*=}" ;;
  -p | --property) properties="$properties $2" && shift ;;
  --signal=*) signal=${1#*=} ;;
  -s | --signal) signal=$2 && shift ;;
  --value) value=yes ;;
  -q | --quiet) quiet=yes ;;
  --now) now=yes ;;
  -*) ;;
  *) if [ -z "$verb" ]; then verb=$1; else names="$names $1"; fi ;;
  esac
  shift
done
properties=$(printf '%s' "$properties" | tr , ' ')

full() { case $1 in *.service | *.socket | *.timer | *.target) echo "$1" ;; *) echo "$1.service" ;; esac; }

# A field of a unit's line: 2 load, 3 active, 4 sub, 5 boot, 6 description.
field() { awk -F "$tab" -v name="$1" -v n="$2" '$1 == name { print $n; exit }' "$here/units"; }

set_fields() { # NAME ACTIVE SUB BOOT, `-` leaves one as it is
  awk -F "$tab" -v OFS="$tab" -v name="$1" -v active="$2" -v sub_state="$3" -v boot="$4" '
    $1 == name { if (active != "-") { $3 = active; $4 = sub_state } if (boot != "-") $5 = boot }
    { print }' "$here/units" >"$here/units.$$" && mv "$here/units.$$" "$here/units"
}

running() { [ -e "$here/transient/$1" ] && read -r keeper child <"$here/transient/$1" && kill -0 "$keeper" 2>/dev/null; }

active_state() {
  if running "$1"; then echo active; else
    found=$(field "$1" 3)
    echo "${found:-inactive}"
  fi
}

end_transient() {
  running "$1" || return 1
  rm -f "$here/transient/$1"
  kill -9 "-$keeper" 2>/dev/null
  [ -z "$child" ] || kill -9 "-$child" 2>/dev/null
  :
}

show_one() {
  for property in ${properties:- Id LoadState ActiveState SubState UnitFileState Description}; do
    case $property in
    Id) shown=$1 ;;
    LoadState) shown=$(field "$1" 2) && shown=${shown:-not-found} ;;
    ActiveState) shown=$(active_state "$1") ;;
    SubState) shown=$(field "$1" 4) && shown=${shown:-dead} ;;
    UnitFileState) shown=$(field "$1" 5) ;;
    Description) shown=$(field "$1" 6) ;;
    UserspaceTimestampMonotonic) shown=4200000 ;;
    *) continue ;;
    esac
    if [ -n "$value" ]; then echo "$shown"; else echo "$property=$shown"; fi
  done
}

wrong() { # VERB UNIT
  echo "Failed to $1 $2: Unit $2 not found." >&2
  exit 5
}

# sshd takes up its files: what it goes by until it does so again. The server that plays it looks there, and listens
# where it is told; without them none runs.
sshd_files=$HARDTUI_ROOT/run/sshd.files
sshd_settings=$HARDTUI_ROOT/run/sshd.settings
take_up_sshd() {
  if ! sshd -t 2>/dev/null; then
    # A reload asks beforehand (ExecReload), a restart afterwards.
    case $verb in reload) ;; *) rm -f "$sshd_settings" && set_fields ssh.service failed failed - ;; esac
    echo "Job for ssh.service failed because the control process exited with error code." >&2
    exit 1
  fi
  rm -rf "$sshd_files.old" && { [ ! -e "$sshd_files" ] || mv "$sshd_files" "$sshd_files.old"; } &&
    mkdir -p "$sshd_files" && cp -R "$HARDTUI_ROOT/etc/ssh" "$sshd_files/ssh" &&
    sshd -T >"$sshd_settings.new" && mv "$sshd_settings.new" "$sshd_settings"
}

change() { # one unit
  known=$(field "$1" 2)
  case $verb in
  stop)
    end_transient "$1" || { [ -z "$known" ] && wrong stop "$1"; set_fields "$1" inactive dead -; }
    case $1 in ssh.service) rm -f "$sshd_settings" ;; esac
    ;;
  start | restart | reload | try-restart | reload-or-restart)
    [ -n "$known" ] || wrong "$verb" "$1"
    [ "$(field "$1" 5)" != masked ] || { echo "Failed to $verb $1: Unit $1 is masked." >&2; exit 1; }
    case $1 in ssh.service) take_up_sshd ;; esac
    case $1 in *.socket) set_fields "$1" active listening - ;; *) set_fields "$1" active running - ;; esac
    ;;
  enable | unmask | disable | mask)
    [ -n "$known" ] || wrong "$verb" "$1"
    case $verb in enable) boot=enabled ;; mask) boot=masked ;; *) boot=disabled ;; esac
    set_fields "$1" - - "$boot"
    [ -z "$now" ] || case $verb in enable) set_fields "$1" active running - ;; *) set_fields "$1" inactive dead - ;; esac
    ;;
  kill)
    running "$1" || { [ -n "$known" ] || { echo "Failed to kill unit $1: Unit $1 not loaded." >&2; exit 5; }; return 0; }
    [ -z "$child" ] || kill -s "${signal#SIG}" -- "-$child" 2>/dev/null || :
    ;;
  esac
}

case $verb in
show)
  # shellcheck disable=SC2086 # unit names have no blanks
  set -- $names
  [ $# -gt 0 ] || { show_one ''; exit 0; }
  first=yes
  for name; do
    [ -n "$first" ] || echo
    first=
    show_one "$(full "$name")"
  done
  ;;
is-active | is-enabled)
  status=3
  [ "$verb" = is-active ] || status=1
  for name in $names; do
    name=$(full "$name")
    if [ "$verb" = is-active ]; then state=$(active_state "$name"); else state=$(field "$name" 5); fi
    case $state in active | enabled | static | alias) status=0 ;; esac
    [ -n "$quiet" ] || echo "${state:-not-found}"
  done
  exit "$status"
  ;;
is-system-running) echo running ;;
list-units)
  awk -F "$tab" '$3 != "" && $2 == "loaded" && !($3 == "inactive" && $5 == "disabled") { print $1, $2, $3, $4, $6 }' "$here/units"
  for file in "$here"/transient/*.service; do
    [ ! -e "$file" ] || ! running "${file##*/}" || echo "${file##*/} loaded active running Transient unit"
  done
  ;;
list-unit-files) awk -F "$tab" '{ print $1, $5, ($5 == "static" ? "-" : "enabled") }' "$here/units" ;;
cat)
  for name in $names; do
    name=$(full "$name")
    [ -n "$(field "$name" 2)" ] || { echo "No files found for $name." >&2; exit 1; }
    printf '# /lib/systemd/system/%s\n[Unit]\nDescription=%s\n' "$name" "$(field "$name" 6)"
  done
  ;;
list-sockets) cat "$here/sockets" 2>/dev/null ;;
stop | start | restart | reload | try-restart | reload-or-restart | enable | disable | mask | unmask | kill)
  for name in $names; do change "$(full "$name")"; done
  ;;
esac
