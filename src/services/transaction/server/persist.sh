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
    own_rules <"$CURRENT/persist/$family.live" >"$CURRENT/persist/$family" || return 1
    rm -f "$CURRENT/persist/$family.live"
    if [ "$family" = v4 ]; then one=${place%:*}; else one=${place#*:}; fi
    echo "$one" >"$CURRENT/persist/$family.place" || return 1
  done
  durable "$CURRENT"/persist/* "$CURRENT/persist"
}

# What other programs fill in at run time is not ours to load at boot: neither their chains nor the jumps into them, nor
# Docker's rules about its own bridges. The names are those of the firewall pane.
own_rules() {
  awk '
    function foreign(name) {
      return name ~ /^(DOCKER|f2b-|fail2ban-|KUBE-|cali-|CILIUM|OLD_CILIUM|CNI-|FLANNEL|WEAVE|NETAVARK|ufw6?-|LIBVIRT_|(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(direct|ZONES|POLICIES|IN_|OUT_)|sshguard|crowdsec|CROWDSEC|ts-)/
    }
    /^#/ { next }
    /^:/ { if (foreign(substr($1, 2))) next }
    /^-A / {
      if (foreign($2)) next
      rule = $0 " "
      gsub(/"([^"\\]|\\.)*"/, "", rule)
      if (match(rule, / -[jg] [^ ]+/) && foreign(substr(rule, RSTART + 4, RLENGTH - 4))) next
      if ($2 ~ /^(FORWARD|POSTROUTING)$/ && rule ~ / (-i|-o) (docker0|br-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]) /) next
    }
    { print }'
}

install_persisted() {
  for family in v4 v6; do
    place=$(line_of "$CURRENT/persist/$family.place")
    [ -n "$place" ] || continue
    mkdir -p "${place%/*}"
    [ ! -e "$place" ] || cp -p "$place" "$place.before-hardtui" || return 1
    cp "$CURRENT/persist/$family" "$place.new" && chmod 640 "$place.new" && mv -f "$place.new" "$place" || return 1
    durable "$place" "${place%/*}"
  done
  [ ! -e "$CURRENT/persist/v4.place" ] || [ "$(line_of "$CURRENT/plan/persist")" != loader ] || install_loader
}

# What loads the confirmed rules at boot, where nothing else does.
install_loader() {
  if systemd_runs; then loader_unit; else loader_script; fi
}

loader_unit() {
  mkdir -p "$UNITS/multi-user.target.wants"
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
