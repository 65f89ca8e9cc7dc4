# What outlasts a boot, once confirmed.

# The rules files that are loaded at boot are written aside before the commit and put in place after it, so that a
# power cut between the two can finish the job.
write_aside() {
  # Files and units are on the disk already.
  [ -n "$(families)" ] || return 0
  kind=$(line_of "$CURRENT/plan/persist")
  case $kind in
  netfilter-persistent) place=$ETC/iptables/rules.v4:$ETC/iptables/rules.v6 ;;
  sysconfig) place=$ETC/sysconfig/iptables:$ETC/sysconfig/ip6tables ;;
  loader) place=$ETC/hardtui/rules.v4:$ETC/hardtui/rules.v6 ;;
  *) return 0 ;;
  esac
  mkdir -p "$CURRENT/persist"
  for family in v4 v6; do
    command -v "$(save_tool "$family")" >/dev/null 2>&1 || continue
    if ! "$(save_tool "$family")" >"$CURRENT/persist/$family.live" 2>/dev/null; then
      # A host without IPv6 has nothing to save there; a family that was changed must be saved.
      [ ! -s "$CURRENT/plan/$family.touches" ] && continue
      return 1
    fi
    own_rules "$family" <"$CURRENT/persist/$family.live" >"$CURRENT/persist/$family" || return 1
    docker_user <"$CURRENT/persist/$family.live" >"$CURRENT/persist/$family.docker" || return 1
    rm -f "$CURRENT/persist/$family.live"
    if [ "$family" = v4 ]; then one=${place%:*}; else one=${place#*:}; fi
    echo "$one" >"$CURRENT/persist/$family.place" || return 1
  done
  durable "$CURRENT"/persist/* "$CURRENT/persist"
}

# The operator's own rules in the one chain that Docker makes for him, and makes anew at every boot, as an input that
# puts them back into it; nothing where there are none.
docker_user() {
  awk '
    /^-A DOCKER-USER / { rules = rules $0 "\n"; if ($0 != "-A DOCKER-USER -j RETURN") own = 1 }
    END { if (own) printf "*filter\n:DOCKER-USER - [0:0]\n%sCOMMIT\n", rules }'
}

# Puts everything in its place, and notes whether the next boot loads it. Safe to do again after a crash.
install_persisted() {
  for family in v4 v6; do
    place=$(line_of "$CURRENT/persist/$family.place")
    [ -n "$place" ] || continue
    mkdir_public "${place%/*}"
    [ ! -e "$place" ] || cp -p "$place" "$place.before-hardtui" || return 1
    cp "$CURRENT/persist/$family" "$place.new" && chmod 640 "$place.new" && mv -f "$place.new" "$place" || return 1
    durable "$place" "${place%/*}"
  done
  [ ! -e "$CURRENT/persist/v4.place" ] || [ "$(line_of "$CURRENT/plan/persist")" != loader ] || install_loader
  keep_docker_user
}

note_kept() { kept_words | put "$CURRENT/meta/kept" 2>/dev/null; }

# `files` where no rules changed, `none` where nothing loads rules at boot, `not WHY` where what will be loaded is not what
# was confirmed, or else what loads it.
kept_words() {
  [ -n "$(families)" ] || { echo files; return; }
  kind=$(line_of "$CURRENT/plan/persist")
  [ "$kind" != none ] || { echo none; return; }
  why=$(why_not_kept "$kind")
  if [ -n "$why" ]; then echo "not $why"; else echo "$kind"; fi
}

# By what the next boot will do: who loads the files is started by it, and the very files give the confirmed rules. Prints
# the first reason why not.
why_not_kept() { # KIND
  case $1 in
  sysconfig) loaders="iptables.service ip6tables.service" ;;
  loader) loaders=hardtui-rules.service ;;
  *) loaders=$1.service ;;
  esac
  for unit in $loaders; do
    unit_exists "$unit" || continue
    case $(boot_state "$unit") in
    enabled* | static | generated | alias) ;;
    *) echo "${unit%.service}, which loads them, is not started at boot"; return ;;
    esac
  done
  for family in v4 v6; do
    place=$(line_of "$CURRENT/persist/$family.place")
    [ -n "$place" ] || continue
    loaded=$(in_scratch "$family" <"$place" 2>&1) || { echo "$place can't be loaded: $(printf '%s\n' "$loaded" | reason_of /dev/stdin)"; return; }
    [ "$(printf '%s\n' "$loaded" | comparable)" = "$(comparable <"$CURRENT/persist/$family")" ] ||
      { echo "$place does not give the confirmed rules"; return; }
    [ ! -s "$CURRENT/persist/$family.docker" ] || [ -e "$ETC/hardtui/docker-user.$family" ] ||
      { echo "Docker makes its chain DOCKER-USER anew, without your rules in it"; return; }
  done
  if [ "$(boot_state nftables.service 2>/dev/null)" = enabled ] && grep -qs '^[[:space:]]*flush ruleset' "$ETC/nftables.conf"; then
    echo "nftables.service clears all rules when it starts (flush ruleset in /etc/nftables.conf)"
  fi
}

# A unit that follows Docker's own puts them back.
keep_docker_user() {
  unit=$UNITS/hardtui-docker-user.service
  for family in v4 v6; do
    kept=$ETC/hardtui/docker-user.$family
    if [ -s "$CURRENT/persist/$family.docker" ] && systemd_runs && unit_exists docker.service; then
      mkdir_public "$ETC/hardtui" && put "$kept" <"$CURRENT/persist/$family.docker" && durable "$kept" "$ETC/hardtui" || return 1
    elif [ -e "$CURRENT/persist/$family.place" ]; then
      rm -f "$kept"
    fi
  done
  if [ -e "$ETC/hardtui/docker-user.v4" ] || [ -e "$ETC/hardtui/docker-user.v6" ]; then
    mkdir_public "$UNITS/docker.service.wants"
    put "$unit" <<UNIT || return 1
[Unit]
Description=Put back the rules of DOCKER-USER that were confirmed in hardtui
After=docker.service
PartOf=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
Environment=PATH=$PATH
ExecStart=-/bin/sh -c '[ ! -s $ETC/hardtui/docker-user.v4 ] || iptables-restore --noflush <$ETC/hardtui/docker-user.v4'
ExecStart=-/bin/sh -c '[ ! -s $ETC/hardtui/docker-user.v6 ] || ip6tables-restore --noflush <$ETC/hardtui/docker-user.v6'

[Install]
WantedBy=docker.service
UNIT
    chmod 644 "$unit"
    ln -sf ../hardtui-docker-user.service "$UNITS/docker.service.wants/hardtui-docker-user.service"
    durable "$unit" "$UNITS" "$UNITS/docker.service.wants"
  elif [ -e "$unit" ]; then
    rm -f "$unit" "$UNITS/docker.service.wants/hardtui-docker-user.service"
    durable "$UNITS"
  fi
}

# What loads the confirmed rules at boot, where nothing else does.
install_loader() {
  if systemd_runs; then loader_unit; else loader_script; fi
}

loader_unit() {
  mkdir_public "$UNITS/multi-user.target.wants"
  put "$UNITS/hardtui-rules.service" <<UNIT
[Unit]
Description=Load the firewall rules that were confirmed in hardtui
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
Environment=PATH=$PATH
ExecStart=-/bin/sh -c 'iptables-restore <$ETC/hardtui/rules.v4'
ExecStart=-/bin/sh -c 'ip6tables-restore <$ETC/hardtui/rules.v6'

[Install]
WantedBy=multi-user.target
UNIT
  chmod 644 "$UNITS/hardtui-rules.service"
  ln -sf ../hardtui-rules.service "$UNITS/multi-user.target.wants/hardtui-rules.service"
  durable "$UNITS/hardtui-rules.service" "$UNITS" "$UNITS/multi-user.target.wants"
}

loader_script() {
  put "$ETC/init.d/hardtui-rules" <<SCRIPT || return 1
#!/bin/sh
### BEGIN INIT INFO
# Provides:          hardtui-rules
# Required-Start:    \$local_fs
# Required-Stop:
# Should-Start:      hardtui-rollback
# X-Start-Before:    networking
# Default-Start:     S
# Default-Stop:
# Short-Description: Load the firewall rules that were confirmed in hardtui
### END INIT INFO
PATH=$PATH
case \${1:-start} in
start | restart | reload | force-reload)
  iptables-restore <$ETC/hardtui/rules.v4
  ip6tables-restore <$ETC/hardtui/rules.v6
  ;;
esac
:
SCRIPT
  chmod 755 "$ETC/init.d/hardtui-rules"
  unlocked update-rc.d hardtui-rules defaults </dev/null >/dev/null 2>&1
  sync
}

load_kept_rules() {
  for family in v4 v6; do
    [ ! -s "$ETC/hardtui/rules.$family" ] || restore "$family" <"$ETC/hardtui/rules.$family" 2>/dev/null
  done
}
