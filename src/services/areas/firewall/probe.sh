# Prints what the firewall pane shows: version, both families with counters, who owns rules, where they are kept.
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
  for unit in firewalld ufw nftables shorewall ferm docker fail2ban netfilter-persistent iptables; do
    systemctl is-active --quiet "$unit" 2>/dev/null && echo "$unit"
  done
fi

mark legacy
cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null

mark native
command -v nft >/dev/null 2>&1 && nft list tables 2>/dev/null

mark persistence
if [ -x /usr/sbin/netfilter-persistent ] && [ -d /usr/share/netfilter-persistent/plugins.d ]; then
  echo netfilter-persistent
elif [ -e /usr/libexec/iptables/iptables.init ] || [ -e /etc/rc.d/init.d/iptables ]; then
  echo sysconfig
else
  echo none
fi
:
