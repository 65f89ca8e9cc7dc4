# Prints what the firewall pane shows: version, both families with counters, who owns rules, where they are kept.
# HARDTUI_ROOT stands before every path that is looked at; the practice server sets it, a real host never does.
root=${HARDTUI_ROOT:-}
mark() { printf '\n@@%s\n' "$1"; }

mark version
iptables --version 2>&1

for family in iptables ip6tables; do
  mark "$family"
  if command -v "$family-save" >/dev/null 2>&1; then
    "$family-save" -c 2>&1
    status=$?
  else
    status=absent
  fi
  mark "$family-status"
  echo "$status"
done

mark managers
if command -v systemctl >/dev/null 2>&1; then
  # ufw's unit is active whether ufw is enabled or not.
  for unit in firewalld nftables shorewall ferm docker fail2ban netfilter-persistent iptables; do
    systemctl is-active --quiet "$unit" 2>/dev/null && echo "$unit"
  done
fi
grep -qs '^ENABLED=yes' "$root/etc/ufw/ufw.conf" && echo ufw

mark legacy
cat "$root/proc/net/ip_tables_names" "$root/proc/net/ip6_tables_names" 2>/dev/null

mark native
command -v nft >/dev/null 2>&1 && nft list tables 2>/dev/null

mark persistence
if [ -x "$root/usr/sbin/netfilter-persistent" ] && [ -d "$root/usr/share/netfilter-persistent/plugins.d" ]; then
  echo netfilter-persistent
elif [ -e "$root/usr/libexec/iptables/iptables.init" ] || [ -e "$root/etc/rc.d/init.d/iptables" ]; then
  echo sysconfig
else
  echo none
fi
:
