# Prints what the firewall pane shows: version, who owns rules, where they are kept, the host's network as far as rules
# name it, FTP servers, and both families with counters. Rules come last: a comment in them may hold anything.
# HARDTUI_ROOT stands before every path that is looked at; the practice server sets it, a real host never does.
root=${HARDTUI_ROOT:-}
mark() { printf '\n@@%s\n' "$1"; }
has() { command -v "$1" >/dev/null 2>&1; }

mark version
iptables --version 2>&1

mark managers
if has systemctl; then
  # One question for all of them: a process each would take longer than all the rest. The units of ufw and
  # ferm are active whether they are enabled or not.
  set -- firewalld nftables shorewall ferm docker fail2ban netfilter-persistent iptables
  systemctl is-active "$@" 2>/dev/null | while read -r state && [ $# -gt 0 ]; do
    [ "$state" != active ] || echo "$1"
    shift
  done | if grep -qs '^ENABLED="\{0,1\}no' "$root/etc/default/ferm"; then grep -vx ferm; else cat; fi
fi
grep -qs '^ENABLED=yes' "$root/etc/ufw/ufw.conf" && echo ufw

mark legacy
cat "$root/proc/net/ip_tables_names" "$root/proc/net/ip6_tables_names" 2>/dev/null

mark native
has nft && nft list tables 2>/dev/null

mark persistence
if [ -x "$root/usr/sbin/netfilter-persistent" ] && [ -d "$root/usr/share/netfilter-persistent/plugins.d" ]; then
  kind=netfilter-persistent
  places="/etc/iptables/rules.v4 /etc/iptables/rules.v6"
elif [ -e "$root/usr/libexec/iptables/iptables.init" ] || [ -e "$root/etc/rc.d/init.d/iptables" ]; then
  kind=sysconfig
  places="/etc/sysconfig/iptables /etc/sysconfig/ip6tables"
elif [ -e "$root/etc/systemd/system/hardtui-rules.service" ] || [ -e "$root/etc/init.d/hardtui-rules" ]; then
  kind=loader
  places="/etc/hardtui/rules.v4 /etc/hardtui/rules.v6"
else
  kind=none
  places=
fi
echo "$kind"

mark addresses
has ip && ip -o addr show 2>/dev/null

mark routes-v4
has ip && ip -o route show default 2>/dev/null

mark routes-v6
has ip && ip -6 -o route show default 2>/dev/null

mark forwarding
cat "$root/proc/sys/net/ipv4/ip_forward" "$root/proc/sys/net/ipv6/conf/all/forwarding" 2>/dev/null

mark ftp
# A server that is configured to nothing but its defaults is one, too.
for file in /etc/vsftpd.conf /etc/vsftpd/vsftpd.conf /etc/proftpd/proftpd.conf /etc/proftpd.conf /etc/pure-ftpd; do
  [ ! -e "$root$file" ] || echo "$root$file:is-there"
done
grep -sH -i -E '^[[:space:]]*(listen_port|pasv_min_port|pasv_max_port|Port|PassivePorts)[[:space:]=]' \
  "$root/etc/vsftpd.conf" "$root/etc/vsftpd/vsftpd.conf" "$root/etc/proftpd/proftpd.conf" "$root/etc/proftpd.conf"
grep -sH . "$root/etc/pure-ftpd/conf/PassivePortRange"

mark ftp-helper
grep -s -o '^nf_[a-z]*_ftp' "$root/proc/modules"
grep -sl '^[^#]*nf_conntrack_ftp' "$root"/etc/modules-load.d/*.conf "$root/etc/modules" "$root/etc/sysconfig/iptables-config"

mark services
sed -n 's|^\([A-Za-z0-9._+-]*\)[[:space:]]*\([0-9]*\)/\([tcud]*p\).*|\3/\2 \1|p' "$root/etc/services" 2>/dev/null

# A file of hundreds of thousands of rules is not worth sending twice.
for place in $places; do
  mark "saved $place"
  [ ! -e "$root$place" ] || head -c 262145 "$root$place"
done

for family in iptables ip6tables; do
  mark "$family"
  if has "$family-save"; then
    "$family-save" -c 2>&1
    status=$?
  else
    status=absent
  fi
  mark "$family-status"
  echo "$status"
done
:
