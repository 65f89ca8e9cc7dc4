# shellcheck shell=sh
# Prints the files of hosts_access(5), and whether sshd asks them: its own binary names hosts_access(3), and from
# OpenSSH 9.8 on that of the program which serves each connection, whose path it holds.
file_part allow /etc/hosts.allow
file_part deny /etc/hosts.deny

part sshd
sshd=$(command -v sshd 2>/dev/null)
for place in /usr/sbin /usr/local/sbin /usr/local/bin /sbin /opt/openssh/sbin; do
  [ -n "$sshd" ] && break
  [ -x "$place/sshd" ] && sshd=$place/sshd
done
[ -n "$sshd" ] || exit 0
# 2 of grep(1) is an error, and no answer.
says() {
  grep -q hosts_access "$1" 2>/dev/null
  case $? in
    0) echo "asks $1" ;;
    1) echo "without $1" ;;
    *) echo "unread $1" ;;
  esac
}
says "$sshd"
if grep -q sshd-session "$sshd"; then
  session=$(grep -ao '/[[:alnum:]/._-]*/sshd-session' "$sshd" | head -n 1)
  says "${session:-sshd-session}"
fi
