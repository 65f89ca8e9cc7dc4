# What differs between hosts: starting a job outside the login session, and asking about units. systemd where it runs,
# otherwise sessions of our own and the init scripts.

systemd_runs() { [ -d "$RUN/systemd/system" ]; }

# Starts what may live on without what is ours alone: the descriptor of the lock, which a daemon would hold for as long as
# it lives, our umask, and what keeps the kernel from ending us when memory is short.
unlocked() {
  (
    umask 022
    { echo 0 >"$PROC/self/oom_score_adj"; } 2>/dev/null
    "$@"
  ) 8>&- 9>&-
}

# Runs `guard.sh VERB …` as a job of its own that no end of a login session reaches. `kept` jobs are started anew,
# whatever ends them, until they end with DONE.
start_job() { # NAME kept|once VERB ARGUMENTS
  name=$1 keep=$2
  shift 2
  if systemd_runs; then service_job "$@"; else session_job "$@"; fi
}

# Not a timer unit: a daemon-reload restarts the count of those, and they are up to a minute late unless told otherwise.
# Isolating a target (systemctl(1), telinit(8)) leaves it alone, shutting down does not; a systemd that is too old to know
# how is not asked to.
service_job() { # VERB ARGUMENTS
  service_unit "$OUTLIVING --property=Conflicts=shutdown.target --property=Before=shutdown.target" "$@" ||
    service_unit "" "$@"
}
OUTLIVING="--property=IgnoreOnIsolate=yes --property=DefaultDependencies=no"

service_unit() { # PROPERTIES VERB ARGUMENTS
  more=$1
  shift
  if [ "$keep" = kept ]; then
    # shellcheck disable=SC2086 # none or several words
    unlocked systemd-run --quiet --collect --unit="$name" $more \
      --property=Restart=always --property=RestartSec=200ms --property=StartLimitIntervalSec=0 \
      --property="RestartPreventExitStatus=$DONE" --property="SuccessExitStatus=$DONE" \
      --property=OOMScoreAdjust=-1000 --property=Description="hardtui rollback timer" \
      /bin/sh "$DIR/guard.sh" "$@" </dev/null >/dev/null 2>&1
  else
    # shellcheck disable=SC2086
    unlocked systemd-run --quiet --collect --unit="$name" $more \
      --property=KillMode=control-group --property=TimeoutStartSec=infinity \
      /bin/sh "$DIR/guard.sh" "$@" </dev/null >/dev/null 2>&1
  fi
}

# setsid: no terminal's hang-up and no end of a session reaches it. The first shell is its keeper, and by its name and
# number the job can be found again.
session_job() {
  mkdir -p "$CURRENT/jobs" || return 1
  # shellcheck disable=SC2016 # expanded by the inner shell
  setsid sh -c '
    echo $$ >"$1" && done=$2 keep=$3 proc=$4 && shift 4 || exit 1
    { [ "$keep" != kept ] || echo -1000 >"$proc/self/oom_score_adj"; } 2>/dev/null
    while :; do
      "$@"
      [ $? != "$done" ] && [ "$keep" = kept ] || exit 0
      sleep 0.2 2>/dev/null || sleep 1
    done' "$name" "$CURRENT/jobs/$name" "$DONE" "$keep" "$PROC" /bin/sh "$DIR/guard.sh" "$@" </dev/null >/dev/null 2>&1 8>&- 9>&- &
}

# Starts a program that goes on whatever ends: in a session of its own, and moved from the control group of whatever unit or
# login started it to that of process 1.
apart() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  setsid sh -c '
    for group in unified systemd .; do echo $$ >"$1/$group/init.scope/cgroup.procs"; done
    shift && cd /
    exec "$@"' apart "$(path_of /sys/fs/cgroup)" "$@" </dev/null >/dev/null 2>&1 8>&- 9>&- &
}

# Whether a number that was noted still is a process of ours, by a word among its arguments: numbers are given out again,
# and any user's process may have such a word.
is_ours() { # PID WORD
  [ -n "$1" ] && is_roots "$1" && tr '\0' '\n' 2>/dev/null <"$PROC/$1/cmdline" | grep -qxF -e "$2"
}

# The keeper's number.
job_number() { # NAME
  take_line "$CURRENT/jobs/$1"
  is_ours "$content" "$1" && echo "$content"
}

# How often this kernel has seen its userspace end and begin (systemd-soft-reboot.service(8)); nothing where that is unknown.
soft_reboots() { ! systemd_runs || systemctl show --property=SoftRebootsCount --value 2>/dev/null; }

job_lives() { # NAME
  if systemd_runs; then systemctl is-active --quiet "$1.service"; else job_number "$1" >/dev/null; fi
}

# At once and whole: what it started dies with it.
kill_job() { # NAME
  if systemd_runs; then
    # What is frozen dies, but nothing can be started in its place.
    systemctl thaw "$1.service" >/dev/null 2>&1
    systemctl kill --signal=KILL "$1.service" >/dev/null 2>&1
  elif number=$(job_number "$1"); then
    # Not its process group: timeout(1) makes groups of its own, and an init script under it would live on.
    for stat in "$PROC"/[0-9]*/stat; do
      [ "$(session_of "$stat")" != "$number" ] || kill -KILL "$(basename "${stat%/stat}")" 2>/dev/null
    done
  fi
}

# For good: the system manager would start a kept one again.
end_job() { # NAME
  if systemd_runs; then systemctl stop "$1.service" >/dev/null 2>&1; else kill_job "$1"; fi
}

# Field 6 of proc(5)'s stat; the second one, a name, may hold anything.
session_of() { # STAT-FILE
  { read -r fields <"$1"; } 2>/dev/null || return
  # shellcheck disable=SC2086 # split into fields
  set -- ${fields##*) }
  echo "$4"
}

# --- units: systemd's, or init scripts by the same name ----------------------------------------------------------

script_of() { echo "$ETC/init.d/${1%.service}"; }

unit_exists() { # UNIT
  if systemd_runs; then [ -n "$(systemctl cat "$1" 2>/dev/null)" ]; else [ -x "$(script_of "$1")" ]; fi
}

# active, or whatever else it is.
run_state() { # UNIT
  if systemd_runs; then
    systemctl is-active "$1" 2>/dev/null
  elif unlocked timeout 10 "$(script_of "$1")" status </dev/null >/dev/null 2>&1; then
    echo active
  else
    echo inactive
  fi
}

# enabled, disabled, masked, static, …
boot_state() { # UNIT
  if systemd_runs; then
    systemctl is-enabled "$1" 2>/dev/null
  else
    for link in "$ETC"/rc[2-5S].d/S[0-9][0-9]"${1%.service}"; do
      [ -L "$link" ] && { echo enabled; return; }
    done
    echo disabled
  fi
}

# start, stop, restart, reload
run_unit() { # VERB UNIT
  if systemd_runs; then
    unlocked timeout 60 systemctl "$1" "$2" </dev/null 2>&1
  else
    unlocked timeout 60 "$(script_of "$2")" "$1" </dev/null 2>&1
  fi
}

# enable, disable, mask, unmask
boot_unit() { # VERB UNIT
  if systemd_runs; then
    unlocked timeout 60 systemctl --quiet "$1" "$2" </dev/null 2>&1
  else
    case $1 in enable | disable) unlocked update-rc.d "${2%.service}" "$1" </dev/null 2>&1 ;; *) return 1 ;; esac
  fi
}

# --- who is told --------------------------------------------------------------------------------------------------

# Everybody with a terminal on this machine. Never waited for: a stuck terminal must not hold up a rollback. wall(1)
# would break lines in the middle of words.
tell_users() { # WORDS
  command -v wall >/dev/null 2>&1 || return 0
  { printf 'hardtui: %s\n' "$1" | fold -s -w 76 | timeout 5 wall; } >/dev/null 2>&1 8>&- 9>&- &
}
