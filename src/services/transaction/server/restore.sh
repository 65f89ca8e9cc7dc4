# Puts back what a transaction touched. Each way is tried only when the one before did not verify: the touched chains,
# whole tables, the whole rule set, and at last policies that let everybody in. Towards reachable, always.

chains_are_back() { # FAMILY
  "$(save_tool "$1")" 2>/dev/null | chains_of "$CURRENT/plan/$1.touches" | cmp -s - "$CURRENT/save/$1.before"
}

restore_chains() { restore "$1" --noflush -c <"$CURRENT/save/$1.undo"; }

restore_tables() {
  tables=$(cut -d ' ' -f 1 "$CURRENT/plan/$1.touches" | sort -u) awk '
    BEGIN { n = split(ENVIRON["tables"], names, "\n"); for (i = 1; i <= n; i++) wanted[names[i]] = 1 }
    /^\*/ { keep = (substr($0, 2) in wanted) }
    keep' "$CURRENT/save/$1.all" | restore "$1" -c
}

restore_everything() {
  restore "$1" -c <"$CURRENT/save/$1.all"
  # Restoring a save leaves tables alone that it does not name.
  "$(save_tool "$1")" | sed -n 's/^\*//p' | while read -r table; do
    grep -qx "\\*$table" "$CURRENT/save/$1.all" || open_table "$1" "$table"
  done
}

open_table() { # FAMILY TABLE
  tool=$(plain_tool "$1")
  for chain in INPUT FORWARD OUTPUT PREROUTING POSTROUTING; do
    timeout 10 "$tool" -w 5 -t "$2" -P "$chain" ACCEPT 2>/dev/null
  done
  timeout 10 "$tool" -w 5 -t "$2" -F 2>/dev/null
}

# A table that this transaction brought into being is taken away again, unless somebody else has put rules into it.
drop_new_tables() { # FAMILY
  [ -s "$CURRENT/save/$1.absent" ] && command -v nft >/dev/null 2>&1 || return 0
  while read -r table; do
    "$(save_tool "$1")" -t "$table" 2>/dev/null | grep -q -e '^-A ' -e '^:[^ ]* [^A]' ||
      nft delete table "$(nft_family "$1")" "$table" 2>/dev/null
  done <"$CURRENT/save/$1.absent"
}

# Prints what it took; fails when only the last resort was left.
restore_family() {
  for way in chains tables everything; do
    tries=0
    while [ "$tries" -lt 5 ]; do
      "restore_$way" "$1" >/dev/null 2>&1
      if chains_are_back "$1"; then
        drop_new_tables "$1"
        echo "$1 rules as they were ($way)"
        return 0
      fi
      tries=$((tries + 1))
      # Only a lock that somebody holds is worth waiting for.
      sleep 1
    done
  done
  for table in filter raw mangle security; do open_table "$1" "$table"; done
  echo "$1 rules could NOT be restored: its policies are ACCEPT and its filter is empty so that you can get in"
  return 1
}

# The rules files that are loaded at boot are written aside before the commit and put in place after it, so that a
# power cut between the two can finish the job.
write_aside() {
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

# Chains that other programs fill at run time are not ours to load at boot: neither they nor the jumps into them.
own_rules() {
  awk '
    function foreign(name) {
      return name ~ /^(DOCKER|f2b-|fail2ban-|KUBE-|CNI-|LIBVIRT_|ufw6?-|cali-|FLANNEL|NETAVARK|CILIUM)/
    }
    /^#/ { next }
    /^:/ { if (foreign(substr($1, 2))) next }
    /^-A / {
      if (foreign($2)) next
      target = ""
      for (i = 3; i < NF; i++) if ($i == "-j" || $i == "-g") target = $(i + 1)
      if (foreign(target)) next
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
  [ "$(line_of "$CURRENT/plan/persist")" != loader ] || install_loader
}

install_loader() {
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
  ln -sf ../hardtui-rules.service "$UNITS/multi-user.target.wants/hardtui-rules.service"
  durable "$UNITS/hardtui-rules.service" "$UNITS" "$UNITS/multi-user.target.wants"
}
