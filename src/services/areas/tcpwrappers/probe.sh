# shellcheck shell=sh
# Prints the files of hosts_access(5), and whether sshd asks them: its own binary names hosts_access(3), and from
# OpenSSH 9.8 on that of the program which serves each connection.
file_part allow /etc/hosts.allow
file_part deny /etc/hosts.deny

part sshd
sshd=$(command -v sshd 2>/dev/null)
for place in /usr/sbin /usr/local/sbin /usr/local/bin /sbin /opt/openssh/sbin; do
  [ -n "$sshd" ] && break
  [ -x "$place/sshd" ] && sshd=$place/sshd
done
[ -n "$sshd" ] || exit 0
for program in "$sshd" /usr/lib/openssh/sshd-session /usr/libexec/openssh/sshd-session /usr/libexec/sshd-session; do
  [ -r "$program" ] || continue
  if grep -q hosts_access "$program"; then echo "asks $program"; else echo "without $program"; fi
done
