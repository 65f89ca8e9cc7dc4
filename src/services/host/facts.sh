# Prints what is true of the host whatever is audited: one key=value a line. Needs client_address and HARDTUI_*.
newline='
'
# One line each, whatever a value holds.
say() { printf '%s=%s\n' "$1" "${2%%"$newline"*}"; }

say epoch "$(date +%s)"
say hostname "$(uname -n)"
say kernel "$(uname -sr)"
say user "$HARDTUI_USER"
say uid "$HARDTUI_UID"
say escalation "$HARDTUI_ESCALATION"
say connection "$HARDTUI_CONNECTION"
if [ -n "$HARDTUI_REASON" ]; then
  say reason "$(printf '%s' "$HARDTUI_REASON" | tr '\n' ' ')"
fi

# The practice server has an /etc and a /run of its own below HARDTUI_ROOT; for a real host it is empty.
for file in "${HARDTUI_ROOT:-}/etc/os-release" /usr/lib/os-release; do
  [ -r "$file" ] || continue
  while IFS= read -r line; do
    case $line in PRETTY_NAME=*) say os "${line#PRETTY_NAME=}" ;; esac
  done <"$file"
  break
done

if [ -d "${HARDTUI_ROOT:-}/run/systemd/system" ]; then
  say init systemd
elif [ -e /etc/inittab ] || { [ -d /etc/init.d ] && [ -d /etc/rc2.d ]; }; then
  say init sysvinit
else
  say init other
fi

# By hand: `command -v` would need a process for each of them to be read.
set -f
IFS=:
for tool in apt-get at awk sed atq atd atrm auditctl base64 busybox crontab cron date dig dnf docker fail2ban-client firewall-cmd flock \
  getent getfacl setfacl getfattr setfattr getenforce ip ip6tables ip6tables-legacy-save ip6tables-restore \
  ip6tables-save ipset iptables iptables-legacy-save iptables-nft-save iptables-restore iptables-save journalctl ldd \
  logger mktemp named named-checkconf netfilter-persistent netstat nft nsenter restorecon rndc rsyslogd runuser \
  service setsid sftp-server sha256sum ss ssh-keygen sshd stat su sudo sync systemctl systemd-run systemd-analyze \
  tail tcpdchk tcpdmatch timeout ufw unshare update-rc.d chkconfig rc-update visudo; do
  for place in $PATH; do
    case $place in /*) ;; *) continue ;; esac
    { [ -f "$place/$tool" ] && [ -x "$place/$tool" ]; } || continue
    printf 'tool=%s=%s\n' "$tool" "$place/$tool"
    break
  done
done
unset IFS
set +f

version=$(sshd -V 2>&1 | grep -o 'OpenSSH_[^ ,]*.*' | head -n 1)
[ -n "$version" ] || version=$(ssh -V 2>&1 | grep -o 'OpenSSH_[^ ,]*.*' | head -n 1)
[ -z "$version" ] || say openssh "$version"

if [ -n "$client_address" ]; then
  say route "$(ip -o route get "${client_address%%%*}" 2>/dev/null | tr '\n' ' ')"
fi
