# Prints what the firewall pane shows: version, who owns rules, where they are kept, the host's network as far as rules
# name it, FTP servers, nft's tables, and both families with counters, of both backends.
# HARDTUI_ROOT stands before every path that is looked at; the practice server sets it, a real host never does.
root=${HARDTUI_ROOT:-}

has() { command -v "$1" >/dev/null 2>&1; }

part version
version=$(iptables --version 2>&1)
printf '%s\n' "$version"

part managers
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

part jails
# What its configuration says: which jails start, whose log they read, and from which ports they ban.
if [ -S "$root/run/fail2ban/fail2ban.sock" ] && has fail2ban-client; then
  echo running
  timeout 5 fail2ban-client -d 2>/dev/null | sed -n \
    -e "s/^\['start', '\([^' ]*\)'.*/.read/p" \
    -e "/'\(prefregex\|addfailregex\|addjournalmatch\)'/s/^\['[a-z-]*', '\([^' ]*\)'.*sshd.*/\1 sshd/p" \
    -e "s/^\['multi-set', '\([^' ]*\)', 'action', '\([^' ]*\)'.*\['port', '\([^' ]*\)'\].*/\1 \2 \3/p"
fi
part firewalld-backend
sed -n 's/^[[:space:]]*FirewallBackend[[:space:]]*=[[:space:]]*//p' "$root/etc/firewalld/firewalld.conf" 2>/dev/null

part legacy
cat "$root/proc/net/ip_tables_names" "$root/proc/net/ip6_tables_names" 2>/dev/null

# firewalld brings the library of nft(8), and not always the program.
if ! has nft && has python3 && python3 -c 'import nftables' 2>/dev/null; then
  nft() {
    python3 -c '
import sys, nftables
words = sys.argv[1:]
library = nftables.Nftables()
library.set_json_output(words[0] == "-j")
status, out, errors = library.cmd(" ".join(words[1:] if words[0] == "-j" else words))
sys.stdout.write(out)
sys.stderr.write(errors)
sys.exit(1 if status else 0)' "$@"
  }
fi

part native
if has nft; then
  tables=$(nft list tables 2>&1)
  status=$?
else
  tables=
  status=absent
fi
printf '%s\n' "$tables"
part native-status
echo "$status"

# A long table of iptables' own is printed by its save; of nft's account only what its rules are made of is looked at.
forms() {
  sed -e 's/, {"rule": /\
&/g' | awk '
    NR == 1 { printf "%s", $0; next }
    {
      form = substr($0, index($0, "\"expr\": "))
      gsub(/: [0-9]+/, ": 0", form)
      gsub(/"right": "[^@"\\][^"\\]*"/, "\"right\": 0", form)
      gsub(/"addr": "[^"]*"/, "\"addr\": 0", form)
      gsub(/"range": \[[^]{}]*\]/, "\"range\": 0", form)
      gsub(/"target": "[^"]*"/, "\"target\": \"\"", form)
      if (form ~ /\}\}\]\}$/) form = substr(form, 1, length(form) - 2)
      if (!(form in seen)) { seen[form]; printf ", {\"rule\": {\"chain\": \"\", %s", form }
    }
    END { print "]}" }'
}

[ "$status" != 0 ] || printf '%s\n' "$tables" | while read -r word family name; do
  [ "$word" = table ] || continue
  # nft takes its words as one text, in which a name from elsewhere may hold a command.
  case $name in *[!A-Za-z0-9_.-]*) continue ;; esac
  json=$(nft -j list table "$family" "$name" 2>/dev/null) || json=$(nft -j list table "$family" "$name" 2>&1 | tail -n 1)
  case "$family $name" in
  "ip "*|"ip6 "*) case $name in filter|nat|mangle|raw|security) own=1 ;; *) own= ;; esac ;;
  *) own= ;;
  esac
  if [ "${#json}" -le 262144 ] || [ -z "$own" ]; then
    part "nft $family $name"
    printf '%s\n' "$json" | head -c 2097152
    # nft 1.0.6 prints a wrong word for a table's flags, or breaks off there.
    case $json in
    *'"flags": ' | *'"flags": '[!\[]*) nft list table "$family" "$name" 2>/dev/null | sed -n 's/^[[:space:]]*flags //p' | head -n 1 ;;
    esac
  else
    part "nft-forms $family $name"
    printf '%s\n' "$json" | forms
  fi
done

part persistence
# Whether the init starts it at boot: what is installed and switched off loads nothing.
at_boot() { # NAME
  if [ -d "$root/run/systemd/system" ]; then
    case $(systemctl is-enabled "$1.service" 2>/dev/null) in enabled* | static | generated | alias) return 0 ;; esac
  else
    for link in "$root"/etc/rc[2-5S].d/S[0-9][0-9]"$1" "$root"/etc/runlevels/*/"$1"; do [ ! -L "$link" ] || return 0; done
  fi
  asleep="$asleep $1"
  return 1
}
kind=none places='' asleep=''
if [ -x "$root/usr/sbin/netfilter-persistent" ] && ls "$root"/usr/share/netfilter-persistent/plugins.d/*ip4tables >/dev/null 2>&1 &&
  at_boot netfilter-persistent; then
  kind=netfilter-persistent
  places="/etc/iptables/rules.v4 /etc/iptables/rules.v6"
elif { [ -e "$root/usr/libexec/iptables/iptables.init" ] || [ -e "$root/etc/rc.d/init.d/iptables" ]; } && at_boot iptables; then
  kind=sysconfig
  places="/etc/sysconfig/iptables /etc/sysconfig/ip6tables"
elif { [ -e "$root/etc/systemd/system/hardtui-rules.service" ] || [ -e "$root/etc/init.d/hardtui-rules" ]; } &&
  at_boot hardtui-rules; then
  kind=loader
  places="/etc/hardtui/rules.v4 /etc/hardtui/rules.v6"
fi
echo "$kind"

part asleep
for one in $asleep; do echo "$one"; done

part loaders
# What else may load rules at boot, where none of these does: one line each.
if [ "$kind" = none ]; then
  loads='(ip6?tables(-nft|-legacy)?(-restore|-apply)|nft +-f|ipset +restore)'
  calls="$loads|(^|[^#[:alnum:]_-])ip6?tables +-"
  ifup=
  [ -e "$root/sbin/ifup" ] || [ -e "$root/usr/sbin/ifup" ] || ifup=', but ifupdown, which runs it, is not installed'
  # Those that hold such a line, by one program for all of them.
  holding() { # PATTERN FILE…
    pattern=$1
    shift
    [ $# -eq 0 ] || grep -lsE -e "$pattern" "$@"
  }
  set --
  for hook in "$root"/etc/network/if-pre-up.d/* "$root"/etc/network/if-up.d/*; do
    if [ -f "$hook" ] && [ -x "$hook" ]; then set -- "$@" "$hook"; fi
  done
  holding "^[^#]*($calls)" "$@" | while read -r hook; do echo "the hook ${hook#"$root"}$ifup"; done
  holding "^[[:space:]]*(pre-up|up|post-up)[[:space:]].*($calls|iptables|firewall)" \
    "$root/etc/network/interfaces" "$root"/etc/network/interfaces.d/* |
    while read -r file; do echo "a line of ${file#"$root"}$ifup"; done
  set --
  for file in "$root/etc/rc.local" "$root/etc/rc.d/rc.local" "$root/etc/NetworkManager/dispatcher.d"/* \
    "$root/etc/networkd-dispatcher/routable.d"/* "$root/etc/local.d"/*.start; do
    if [ -f "$file" ] && [ -x "$file" ]; then set -- "$@" "$file"; fi
  done
  holding "^[^#]*($calls)" "$@" | while read -r file; do echo "the script ${file#"$root"}"; done
  holding "^[[:space:]]*@reboot.*($calls|firewall)" "$root/etc/crontab" "$root"/etc/cron.d/* \
    "$root/var/spool/cron/crontabs/root" "$root/var/spool/cron/root" |
    while read -r file; do echo "an @reboot line of ${file#"$root"}"; done
  # Units that are wanted by a target, and scripts that a runlevel starts.
  holding "^[^#]*($loads)" "$root"/etc/systemd/system/*.wants/*.service "$root"/etc/rcS.d/S* "$root"/etc/rc2.d/S* \
    "$root"/etc/runlevels/boot/* "$root"/etc/runlevels/default/* |
    while read -r wanted; do echo "${wanted##*/}"; done | sort -u
fi

part addresses
has ip && ip -o addr show 2>/dev/null

part routes-v4
has ip && ip -o route show default 2>/dev/null

part routes-v6
has ip && ip -6 -o route show default 2>/dev/null

part forwarding
cat "$root/proc/sys/net/ipv4/ip_forward" "$root/proc/sys/net/ipv6/conf/all/forwarding" 2>/dev/null

part ftp
# A server that is configured to nothing but its defaults is one, too.
for file in /etc/vsftpd.conf /etc/vsftpd/vsftpd.conf /etc/proftpd/proftpd.conf /etc/proftpd.conf /etc/pure-ftpd; do
  [ ! -e "$root$file" ] || echo "$root$file:is-there"
done
grep -sH -i -E '^[[:space:]]*(listen_port|pasv_min_port|pasv_max_port|Port|PassivePorts)[[:space:]=]' \
  "$root/etc/vsftpd.conf" "$root/etc/vsftpd/vsftpd.conf" "$root/etc/proftpd/proftpd.conf" "$root/etc/proftpd.conf"
grep -sH . "$root/etc/pure-ftpd/conf/PassivePortRange"

part ftp-helper
grep -s -o '^nf_[a-z]*_ftp' "$root/proc/modules"
grep -sl '^[^#]*nf_conntrack_ftp' "$root"/etc/modules-load.d/*.conf "$root/etc/modules" "$root/etc/sysconfig/iptables-config"

part services
sed -n 's|^\([A-Za-z0-9._+-]*\)[[:space:]]*\([0-9]*\)/\([tcud]*p\).*|\3/\2 \1|p' "$root/etc/services" 2>/dev/null

# A file of hundreds of thousands of rules is not worth sending twice.
for place in $places; do
  part "saved $place"
  [ ! -e "$root$place" ] || head -c 262145 "$root$place"
done

# What such a file comes to is what iptables makes of it, in a network of nobody's: nothing of the host's is changed.
if [ -z "$root" ] && [ "$(id -u)" = 0 ] && has unshare && has timeout; then
  for place in $places; do
    part "loaded $place"
    case $place in *6) tool=ip6tables ;; *) tool=iptables ;; esac
    # shellcheck disable=SC2016 # expanded by the inner shell
    has "$tool-save" && [ -s "$place" ] && [ "$(wc -c <"$place")" -le 262144 ] &&
      timeout 5 unshare -n sh -c '"$1-restore" <"$2" && exec "$1-save"' sh "$tool" "$place" 2>/dev/null
  done
fi

for family in iptables ip6tables; do
  part "$family"
  if has "$family-save"; then
    "$family-save" -c 2>&1
    status=$?
  else
    status=absent
  fi
  part "$family-status"
  echo "$status"
done

# The other backend has tables of its own, which packets pass as well.
case $version in *nf_tables*) other=legacy ;; *) other=nft ;; esac
for family in iptables ip6tables; do
  part "other-$family"
  if [ "$other" = legacy ] && ! grep -qs . "$root/proc/net/$([ "$family" = iptables ] && echo ip || echo ip6)_tables_names"; then
    status=none
  elif has "$family-$other-save"; then
    "$family-$other-save" -c 2>&1
    status=$?
  else
    status=absent
  fi
  part "other-$family-status"
  echo "$status"
done
:
