# What may fire the rollback: a watch that systemd keeps alive, a second trigger beside it, and the boot guard.
# None of them decides; the rename of the token does (see `become`).

# Centiseconds until the deadline, negative when it has passed. A boot since arming means that it has.
seconds_left_cs() {
  read -r at booted <"$CURRENT/deadline" 2>/dev/null || { echo 0; return; }
  [ "$booted" = "$(boot_id)" ] || { echo -999999; return; }
  echo "$((at - $(uptime_cs)))"
}

# The same in whole seconds, rounded up while there is time left.
seconds_left() {
  cs=$(seconds_left_cs)
  [ "$cs" -gt 0 ] && echo "$(((cs + 99) / 100))" || echo "$((cs / 100))"
}

# The deadline on the server's wall clock, for people. Uptime and wall clock tick at different moments, so what was
# said first is said again, unless the clock was set or the deadline moved.
deadline_clock() {
  due=$(($(date +%s) + $(seconds_left)))
  said=$(line_of "$CURRENT/deadline.said")
  case $said in '' | *[!0-9]*) said=0 ;; esac
  if [ $((due - said)) -lt -1 ] || [ $((due - said)) -gt 1 ]; then
    said=$due
    { echo "$said" >"$CURRENT/deadline.said"; } 2>/dev/null || :
  fi
  date -d "@$said" +%H:%M:%S 2>/dev/null || echo -
}

# A service of the system manager, outside any login session, restarted whatever kills it. Not a timer unit: a
# daemon-reload restarts the count of those, and they are up to a minute late unless told otherwise.
watch_service() { # UNIT VERB ARGUMENTS
  unit=$1
  shift
  systemd-run --quiet --collect --unit="$unit" \
    --property=Restart=always --property=RestartSec=200ms --property=StartLimitIntervalSec=0 \
    --property="RestartPreventExitStatus=$DONE" --property="SuccessExitStatus=$DONE" \
    --property=OOMScoreAdjust=-1000 --property=Description="hardtui rollback timer" \
    /bin/sh "$DIR/guard.sh" "$@" </dev/null >/dev/null 2>&1 9>&-
}

# Ten seconds after the deadline, by systemd's own clock: OnStartupSec counts from the manager's start and, unlike
# OnActiveSec, is not moved by a daemon-reload. It only fires what the watch should have done.
second_trigger() {
  id=$(line_of "$CURRENT/meta/id")
  started=$(systemctl show --property=UserspaceTimestampMonotonic --value)
  case $started in '' | *[!0-9]*) return 1 ;; esac
  read -r at rest <"$CURRENT/deadline"
  : "$rest"
  systemctl stop "hardtui-second-$id.timer" 2>/dev/null
  systemd-run --quiet --collect --unit="hardtui-second-$id" --timer-property=AccuracySec=1s \
    --on-startup="$((at / 100 + 10 - started / 1000000))" \
    /bin/sh "$DIR/guard.sh" watch "$id" </dev/null >/dev/null 2>&1 9>&-
}

# The watch ends by itself within a second of losing its transaction; stopping it here could stop the one who calls.
stop_triggers() {
  # shellcheck disable=SC2154 # id is set by whoever calls
  systemctl stop --no-block "hardtui-second-$id.timer" "hardtui-drill-$id.service" >/dev/null 2>&1 || :
}

remove_boot_guard() {
  rm -f "$BOOT_LINK" "$UNITS/$BOOT_UNIT"
  durable "$UNITS" "$UNITS/sysinit.target.wants" 2>/dev/null
}
