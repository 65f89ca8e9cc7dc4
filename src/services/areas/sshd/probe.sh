# shellcheck shell=sh
# shellcheck disable=SC2154 # login_user and the addresses are set by the batch that runs this
# Prints sshd's version, who holds its listener, and its effective settings for this operator (sshd(8), -T and -C).
mark() { printf '\n@@%s\n' "$1"; }

sshd=$(command -v sshd 2>/dev/null)
for place in /usr/sbin /usr/local/sbin /usr/local/bin /sbin /opt/openssh/sbin; do
  [ -n "$sshd" ] && break
  [ -x "$place/sshd" ] && sshd=$place/sshd
done

mark path
echo "$sshd"
[ -n "$sshd" ] || exit 0

# Before 9.0 -V is an unknown option, and the usage text that follows names the version all the same.
mark version
"$sshd" -V </dev/null 2>&1 | sed -n '/^OpenSSH_/{p;q;}'

mark sockets
if command -v systemctl >/dev/null 2>&1; then
  systemctl show ssh.socket sshd.socket -p Id -p ActiveState -p Listen 2>/dev/null
fi

# -T needs the host keys, and /run/sshd; -G (9.3) needs neither, but takes no -C, so it is asked only where no Match
# block could make a difference. Releases before 6.5 know no laddr, ones before 5.1 no -C.
global_settings() {
  if grep -iqs '^[[:space:]]*match[[:space:]]' /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; then return 1; fi
  "$sshd" -G
}
who=user=$login_user,host=$client_address,addr=$client_address
here=laddr=$server_address,lport=$server_port
first=
for attempt in effective short global plain; do
  case $attempt in
    effective) settings=$("$sshd" -T -C "$who,$here" 2>&1) ;;
    global) settings=$(global_settings 2>&1) ;;
    short) settings=$("$sshd" -T -C "$who" 2>&1) ;;
    plain) settings=$("$sshd" -T 2>&1) ;;
  esac
  status=$?
  [ "$status" -eq 0 ] && break
  [ -n "$first" ] || first=$settings
done
[ "$status" -eq 0 ] || settings=$first

mark status
echo "$status"
mark settings
printf '%s\n' "$settings"
