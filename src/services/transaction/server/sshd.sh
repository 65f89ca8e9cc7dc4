# sshd, which has to listen whatever happens. plan/sshd says how it takes up its changed files: reload or restart.
#
# What listens decides: the kernel's table of sockets, the socket unit, the port that this session came in by. Not the
# configuration: its Port means nothing beside a ListenAddress with a port, a socket unit or an option of the command line.

sshd_program() { command -v sshd 2>/dev/null || path_of /usr/sbin/sshd; }

# --- where it listens ---------------------------------------------------------------------------------------------

# TCP ports that somebody listens on here, each with its socket: "PORT INODE". State 0A, ports in hexadecimal (proc(5)).
listening() {
  cat "$PROC/net/tcp" "$PROC/net/tcp6" 2>/dev/null | awk '
    $4 == "0A" {
      hex = substr($2, length($2) - 3)
      port = 0
      for (i = 1; i <= 4; i++) port = port * 16 + index("123456789ABCDEF", substr(hex, i, 1))
      print port, $10
    }'
}

listens() { listening | grep -q "^$1 "; } # PORT

# One of OpenSSH's programs, run by root, whatever the process calls itself. The kernel says so too of a file that was
# replaced since.
is_sshd() { # PID
  is_roots "$1" && program=$(readlink "$PROC/$1/exe") || return
  program=${program% (deleted)}
  case ${program##*/} in sshd | sshd-session | sshd-auth) ;; *) return 1 ;; esac
}

# The sockets of every sshd of this machine: "INODE PID". Not those of containers, nor what a user runs under that name: he
# may call his own process so, and su(1) too, by a link to it, which then holds a socket of his and is root's.
sshd_sockets() {
  here=$(readlink "$PROC/self/ns/pid")
  grep -lx sshd "$PROC"/[0-9]*/comm 2>/dev/null | while read -r comm; do
    dir=${comm%/comm}
    is_sshd "${dir##*/}" || continue
    [ "$(readlink "$dir/ns/pid")" = "$here" ] || continue
    # shellcheck disable=SC2012 # proc(5) has no other names in there than numbers
    ls -l "$dir/fd" 2>/dev/null | sed -n "s/.*socket:\[\([0-9]*\)\]$/\1 ${dir##*/}/p"
  done
}

# Every sshd of this machine that listens: "PORT PID".
sshd_listeners() {
  { sshd_sockets; echo; listening; } | awk '
    NF == 0 { ports = 1; next }
    !ports { pids[$1] = pids[$1] " " $2; next }
    $2 in pids { n = split(pids[$2], pid, " "); for (i = 1; i <= n; i++) print $1, pid[i] }' | sort -u
}

# Whether somebody else listens on a port, sshd beside him or not: the other family's address is enough.
others_listen() { # PORT
  { sshd_sockets; echo; listening; } | awk -v port="$1" '
    NF == 0 { ports = 1; next }
    !ports { held[$1] = 1; next }
    $1 == port && !($2 in held) { found = 1 }
    END { exit !found }'
}

# The socket unit that listens in sshd's place, or did when this was armed, if there is one.
sshd_socket() {
  systemd_runs || return
  [ ! -s "$CURRENT/save/sshd.socket" ] || { cat "$CURRENT/save/sshd.socket"; return; }
  [ ! -e "$CURRENT/save/sshd.ports" ] || return
  for one in ssh.socket sshd.socket; do systemctl is-active --quiet "$one" && { echo "$one"; return; }; done
  return 1
}

socket_ports() { # UNIT
  systemctl show --property=Listen --value "$1" 2>/dev/null | tr ')' '\n' | sed -n 's/.*:\([0-9][0-9]*\) (Stream$/\1/p' | sort -u
}

# Where sshd listens now, by whichever of them knows: its processes, its socket unit, this session's own port, and where
# its configuration says, if somebody listens there.
ports_in_use() { # PORT-OF-THIS-SESSION
  {
    sshd_listeners | cut -d ' ' -f 1
    ! socket=$(sshd_socket) || socket_ports "$socket"
    for port in $1 $(configured_ports); do ! listens "$port" || echo "$port"; done
  } | grep -x '[0-9][0-9]*' | sort -nu
}

# --- what runs ----------------------------------------------------------------------------------------------------

# The unit that a process runs in, if it is one that can be started again.
unit_of() { # PID
  sed -n 's|.*/\([^/]*\.service\)$|\1|p' "$PROC/$1/cgroup" 2>/dev/null | head -n 1
}

# Units whose sshd listened when this was armed, else the one that the system calls so.
sshd_units() {
  if [ -s "$CURRENT/save/sshd.units" ]; then cat "$CURRENT/save/sshd.units"; return; fi
  for unit in ssh.service sshd.service; do unit_exists "$unit" && { echo "$unit"; return; }; done
  return 1
}

# What of a running sshd's command line says which files it reads and where it listens, an argument a line. Its title has
# the line with blanks between its words; -o may hold some.
sshd_options() { # PID
  # shellcheck disable=SC2046 # split into words
  set -f -- $(tr '\0' ' ' 2>/dev/null <"$PROC/$1/cmdline" | sed -e 's/^sshd: //' -e 's/ \[.*//')
  set +f
  [ $# -gt 0 ] && shift
  last=
  while [ $# -gt 0 ]; do
    OPTIND=1
    case $1 in
    -*) ;;
    *)
      [ -z "$last" ] || last="$last $1"
      shift
      continue
      ;;
    esac
    [ -z "$last" ] || printf '%s\n' -o "$last"
    last=
    while getopts C:E:b:c:f:g:h:k:o:p:u:46DGQRTdeiqrtV option 2>/dev/null; do
      case $option in
      [46]) echo "-$option" ;;
      [cfhp]) printf '%s\n' "-$option" "$OPTARG" ;;
      o)
        # getopts goes on behind it; the rest of its words has to be looked at first.
        last=$OPTARG
        break
        ;;
      esac
    done
    shift $((OPTIND - 1))
    [ "$OPTIND" -gt 1 ] || shift
  done
  [ -z "$last" ] || printf '%s\n' -o "$last"
}

# A command with the options that sshd was started with here.
with_options() {
  while read -r word; do [ -z "$word" ] || set -- "$@" "$word"; done <<OPTIONS
$(cat "$CURRENT/save/sshd.options" 2>/dev/null)
OPTIONS
  "$@"
}
ask_sshd() { with_options "$(sshd_program)" "$@"; }

# The ports of `sshd -T`: those of ListenAddress, which it prints for every address, or else Port. Newer releases spell
# their keywords in capitals and small letters.
configured_ports() { ask_sshd -T 2>/dev/null | ports_of_config; }
ports_of_config() {
  awk '
    tolower($1) == "listenaddress" && match($2, /:[0-9]+$/) { found[substr($2, RSTART + 1)] = 1; any = 1 }
    tolower($1) == "port" { plain[$2] = 1 }
    END { if (any) for (p in found) print p; else for (p in plain) print p }'
}

# The first whom sshd would treat otherwise than was reviewed: plan/sshd.people has the SHA-256 of the answer (sshd -T) and
# the question (-C) a line.
answered_otherwise() { # by_candidate|ask_sshd
  [ -s "$CURRENT/plan/sshd.people" ] || return 0
  while read -r sum asked; do
    [ "$("$1" -T -C "$asked" 2>/dev/null </dev/null | sha256sum | cut -d ' ' -f 1)" = "$sum" ] || { echo "$asked"; return; }
  done <"$CURRENT/plan/sshd.people"
}

# --- apply and restore --------------------------------------------------------------------------------------------

apply_sshd() {
  [ -s "$CURRENT/plan/sshd" ] || return 0
  [ -e "$CURRENT/state.armed" ] || exit 0
  verb=$(line_of "$CURRENT/plan/sshd")
  said=$(take_up_sshd "$verb") || fail "sshd did not $verb: $(telling_line "$said")"
  # A reload answers before sshd has closed its old listeners.
  pause && pause && pause
  if socket=$(sshd_socket); then wanted=$(socket_ports "$socket"); else wanted=$(configured_ports); fi
  [ -n "$wanted" ] || fail "where sshd shall listen can't be read"
  for port in $wanted; do
    await_listener "$port" || fail "sshd does not listen on port $port"
    # Somebody may have been quicker; a login there would be his to read.
    [ -n "$socket" ] || ! others_listen "$port" || fail "it is not sshd alone that listens on port $port"
  done
  # It went with ssh.service, where that waits for somebody to come (ssh.socket), and -T wants it too.
  mkdir_public "$RUN/sshd"
  otherwise=$(answered_otherwise ask_sshd)
  [ -z "$otherwise" ] || fail "sshd's settings are not as planned, for $otherwise"
  echo sshd >>"$CURRENT/applied/steps"
}

# With socket activation systemd listens, and starts an sshd that reads the files anew when somebody comes. While one runs
# the socket can't be started again; sessions are no part of it.
take_up_sshd() { # reload|restart|start
  if socket=$(sshd_socket); then
    systemctl daemon-reload && systemctl stop "${socket%.socket}.service" && systemctl restart "$socket"
  else
    for unit in $(sshd_units); do run_unit "$1" "$unit" || return; done
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

all_listen_now() {
  while read -r port; do listens "$port" || return 1; done <"$CURRENT/save/sshd.ports"
}

all_listen() {
  while read -r port; do await_listener "$port" || return 1; done <"$CURRENT/save/sshd.ports"
}

# Whether its files, as they are now, name other ports than it listened on: somebody moved it, by a file that is not ours.
is_configured_elsewhere() {
  ! sshd_socket >/dev/null && meant=$(configured_ports) && [ -n "$meant" ] || return
  while read -r port; do printf '%s\n' "$meant" | grep -qx "$port" || return 0; done <"$CURRENT/save/sshd.ports"
  return 1
}

# Never gated on `sshd -t`: whatever stands in the files, it goes on until a listener exists. A change that has nothing
# to do with sshd finds it listening, or brings it back if somebody else has stopped or moved it meanwhile.
restore_sshd() {
  [ -s "$CURRENT/save/sshd.ports" ] || return 0
  mkdir_public "$RUN/sshd"
  [ -s "$CURRENT/plan/sshd" ] || ! all_listen_now || return 0
  # Files that this change never touched say nothing new to a reload.
  if [ -s "$CURRENT/plan/sshd" ] && [ "$(run_state "$(sshd_units | head -n 1)")" = active ]; then
    verbs="reload restart restart"
  else
    verbs="restart restart start"
  fi
  # A socket unit is only ever started anew.
  ! sshd_socket >/dev/null || verbs="restart restart"
  for verb in $verbs; do
    alive
    is_whole || return 4
    ! systemd_runs || for unit in $(sshd_units) $(sshd_socket); do systemctl reset-failed "$unit" 2>/dev/null; done
    take_up_sshd "$verb" >/dev/null 2>&1 || continue
    # However long it is waited for; a reload answers before sshd has closed its old listeners.
    if is_configured_elsewhere; then pause && pause && pause; break; fi
    if all_listen; then
      note plain "sshd listens on port $(tr '\n' ' ' <"$CURRENT/save/sshd.ports")again"
      return 0
    fi
    # It runs, on other ports than it did or not on all of them: no more of the same will change that.
    [ "$verb" = reload ] || { [ -z "$(sshd_listeners)" ] && ! elsewhere=$(ports_elsewhere); } || break
  done
  while read -r port; do listens "$port" || sshd_by_hand "$port"; done <"$CURRENT/save/sshd.ports"
  elsewhere=$(ports_elsewhere)
  moved=${elsewhere:+"; somebody had moved it to port $elsewhere meanwhile, where it listens too"}
  if all_listen; then
    note heed "sshd was started by hand on port $(tr '\n' ' ' <"$CURRENT/save/sshd.ports")until the next boot$moved"
  elif [ -n "$elsewhere" ]; then
    note lost "sshd could NOT be brought back to port $(tr '\n' ' ' <"$CURRENT/save/sshd.ports"): it listens on port $elsewhere, where somebody had moved it"
    return 4
  else
    note lost "sshd could NOT be brought back: use the machine's own console"
    return 4
  fi
}

# Ports on which an sshd listens, or systemd for it, that did not when this was armed.
ports_elsewhere() {
  others=$(
    {
      sshd_listeners | cut -d ' ' -f 1
      ! socket=$(sshd_socket) || for port in $(socket_ports "$socket"); do ! listens "$port" || echo "$port"; done
    } | sort -nu | grep -vxF -f "$CURRENT/save/sshd.ports" | tr '\n' ' '
  )
  [ -n "$others" ] && echo "${others% }"
}

# Beside whatever runs: a second one on one port, which does not end with ours.
sshd_by_hand() { # PORT
  hold_directory
  for addresses in "0.0.0.0:$1 [::]:$1" "0.0.0.0:$1" "[::]:$1"; do
    set -- "$1" -o PidFile=none
    for address in $addresses; do set -- "$@" -o "ListenAddress=$address"; done
    sshd_unit "$@" || (shift && unlocked with_options apart "$(sshd_program)" "$@")
    await_listener "$1" && return
  done
}

# sshd asks for this directory at every login, and whoever comes while it is missing is turned away. It goes with
# ssh.service, whenever that stops or fails, which systemd or somebody may try to start again later; a mount stays.
hold_directory() {
  mkdir_public "$RUN/sshd"
  ! systemd_runs || [ -n "$ROOT" ] || grep -q " $RUN/sshd " "$PROC/mounts" ||
    mount -t tmpfs -o mode=755,nosuid,nodev,noexec,size=4k hardtui "$RUN/sshd" 2>/dev/null
}

# By a number in its name: a former one of that port is still known as long as a login by it lasts.
sshd_unit() { # PORT OPTIONS
  systemd_runs || return
  port=$1
  shift
  unlocked with_options timeout 10 systemd-run --quiet --collect --unit="hardtui-sshd-$port-$$" \
    --property=KillMode=process "$(sshd_program)" -D "$@" </dev/null >/dev/null 2>&1
}
