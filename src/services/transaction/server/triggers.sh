# What may fire the rollback: a watch that is kept alive, a second trigger beside it, and the boot guard. None of them
# decides; the rename of the token does (see `become`).

# Centiseconds until the deadline, in `left`, negative when it has passed. A boot since arming means that it has.
take_left() {
  left=0
  { read -r at booted <"$CURRENT/deadline"; } 2>/dev/null || return 0
  left=-999999
  take_boot
  [ "$booted" = "$this_boot" ] || return 0
  # Without a clock nobody can say that there is time left.
  take_uptime || uptime=$at
  left=$((at - uptime))
}
seconds_left_cs() {
  take_left
  echo "$left"
}

# The same in whole seconds, rounded up while there is time left.
seconds_left() {
  take_left
  [ "$left" -gt 0 ] && echo "$(((left + 99) / 100))" || echo "$((left / 100))"
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

# A little later than the deadline, by another clock and another daemon; it only fires what the watch should have
# done. Prints what it is; fails when there is none.
second_trigger() {
  id=$(line_of "$CURRENT/meta/id")
  read -r at rest <"$CURRENT/deadline" || return
  : "$rest"
  if systemd_runs; then
    second_by_cron >/dev/null
    second_by_systemd
  else
    # Both where both are there: cron starts a dead watch within a minute, at needs no watch.
    found=$(second_by_cron && printf ' and '; second_by_at)
    found=${found% and }
    [ -n "$found" ] && echo "$found"
  fi
}

# OnStartupSec counts from the manager's start and, unlike OnActiveSec, is not moved by a daemon-reload.
second_by_systemd() {
  started=$(systemctl show --property=UserspaceTimestampMonotonic --value)
  case $started in '' | *[!0-9]*) return 1 ;; esac
  systemctl stop "hardtui-second-$id.timer" 2>/dev/null
  # shellcheck disable=SC2086 # several words
  unlocked systemd-run --quiet --collect --unit="hardtui-second-$id" --timer-property=AccuracySec=1s \
    $OUTLIVING --timer-property=IgnoreOnIsolate=yes --timer-property=DefaultDependencies=no \
    --on-startup="$((at / 100 + 3 - started / 1000000))" \
    /bin/sh "$DIR/guard.sh" watch "$id" </dev/null >/dev/null 2>&1 && echo "systemd timer"
}

# at(1) counts whole minutes and is up to one early; the watch that it starts waits for the deadline. It takes jobs
# without complaint when its daemon is not there to run them.
second_by_at() {
  command -v at >/dev/null 2>&1 && daemon_lives atd || return 1
  said=$(echo "exec /bin/sh $DIR/guard.sh watch $id" |
    unlocked at "now + $((($(seconds_left) + 59) / 60 + 2)) minutes" 2>&1) || return 1
  job=$(printf '%s\n' "$said" | sed -n 's/^job \([0-9]*\) at.*/\1/p')
  [ -n "$job" ] && echo "$job" >"$CURRENT/meta/at" && printf at
}

# A line a minute that starts a watch where none is alive.
second_by_cron() {
  [ -d "$ETC/cron.d" ] && { daemon_lives cron || daemon_lives crond; } || return 1
  echo "* * * * * root [ -e $DIR/guard.sh ] || rm -f $ETC/cron.d/hardtui; /bin/sh $DIR/guard.sh tick $id" | put "$ETC/cron.d/hardtui" && printf cron
}

daemon_lives() { # NAME
  for comm in "$PROC"/[0-9]*/comm; do
    take_line "$comm"
    [ "$content" = "$1" ] && pid=${comm%/comm} && is_roots "${pid##*/}" && return 0
  done
  return 1
}

# The watch ends by itself within a second of losing its transaction; stopping it here could stop the one who calls.
stop_triggers() { # ID
  ! systemd_runs || systemctl stop --no-block "hardtui-second-$1.timer" "hardtui-drill-$1.service" >/dev/null 2>&1
  job=$(line_of "$CURRENT/meta/at")
  [ -z "$job" ] || atrm "$job" >/dev/null 2>&1
  [ ! -e "$ETC/cron.d/hardtui" ] || { rm -f "$ETC/cron.d/hardtui" && durable "$ETC/cron.d"; }
}

# --- the boot guard: a boot inside the window is a rollback, before sshd answers ----------------------------------

# Prints what it is; fails when this host has no way to run something at boot.
install_boot_guard() {
  if systemd_runs; then
    boot_by_systemd && echo "boot unit"
  elif command -v update-rc.d >/dev/null 2>&1; then
    # cron's is there in one step and clears away, if late, what a crash leaves of the script and its links.
    boot_by_cron
    boot_by_init && echo "init script"
  else
    boot_by_cron && echo "cron @reboot"
  fi
}

boot_by_systemd() {
  mkdir_public "$UNITS/sysinit.target.wants" && put "$UNITS/$BOOT_UNIT" <<UNIT && ln -sf "../$BOOT_UNIT" "$BOOT_LINK" || return 1
[Unit]
Description=hardtui: roll back a change that nobody confirmed
DefaultDependencies=no
RequiresMountsFor=$DIR
After=local-fs.target systemd-sysctl.service
Before=sysinit.target network-pre.target ssh.service sshd.service ssh.socket sshd.socket
Before=netfilter-persistent.service iptables.service ip6tables.service nftables.service firewalld.service ufw.service
Before=hardtui-rules.service

[Service]
Type=oneshot
TimeoutStartSec=90
ExecStart=/bin/sh $DIR/guard.sh boot
UNIT
  # systemd remarks on units that not everybody may read.
  chmod 644 "$UNITS/$BOOT_UNIT"
  durable "$UNITS/$BOOT_UNIT" "$UNITS" "$UNITS/sysinit.target.wants"
}

# In rcS, which is over before runlevel 2 starts sshd.
boot_by_init() {
  put "$ETC/init.d/hardtui-rollback" <<SCRIPT || return 1
#!/bin/sh
### BEGIN INIT INFO
# Provides:          hardtui-rollback
# Required-Start:    \$local_fs
# Should-Start:      procps
# Required-Stop:
# X-Start-Before:    networking netfilter-persistent iptables ip6tables
# Default-Start:     S
# Default-Stop:
# Short-Description: hardtui: roll back a change that nobody confirmed
### END INIT INFO
case \${1:-start} in start) exec /bin/sh $DIR/guard.sh boot ;; esac
SCRIPT
  chmod 755 "$ETC/init.d/hardtui-rollback"
  unlocked update-rc.d hardtui-rollback defaults >/dev/null 2>&1
  # Its links are what counts, not what update-rc.d said.
  for link in "$ETC"/rcS.d/S[0-9][0-9]hardtui-rollback; do [ -L "$link" ] || return 1; done
  sync
}

# The last choice: cron starts after sshd on some hosts.
boot_by_cron() {
  [ -d "$ETC/cron.d" ] && { daemon_lives cron || daemon_lives crond; } || return 1
  echo "@reboot root /bin/sh $DIR/guard.sh boot" | put "$ETC/cron.d/hardtui-boot" || return 1
  durable "$ETC/cron.d/hardtui-boot" "$ETC/cron.d"
}

remove_boot_guard() {
  # Drafts that a full disk or a crash left.
  rm -f "$UNITS/$BOOT_UNIT.new" "$ETC/init.d/hardtui-rollback.new" "$ETC/cron.d/hardtui-boot.new" "$ETC/cron.d/hardtui.new"
  if [ -L "$BOOT_LINK" ] || [ -e "$UNITS/$BOOT_UNIT" ]; then
    rm -f "$BOOT_LINK" "$UNITS/$BOOT_UNIT"
    durable "$UNITS" "$UNITS/sysinit.target.wants" 2>/dev/null
  fi
  if [ -e "$ETC/init.d/hardtui-rollback" ]; then
    rm -f "$ETC/init.d/hardtui-rollback"
    unlocked update-rc.d hardtui-rollback remove >/dev/null 2>&1
    rm -f "$ETC"/rc?.d/[SK][0-9][0-9]hardtui-rollback
    durable "$ETC/init.d" "$ETC"/rc?.d 2>/dev/null
  fi
  # Or a power cut right after the end brings it back.
  if [ -e "$ETC/cron.d/hardtui-boot" ]; then
    rm -f "$ETC/cron.d/hardtui-boot"
    durable "$ETC/cron.d"
  fi
}
