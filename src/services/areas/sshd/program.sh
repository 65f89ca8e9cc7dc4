# shellcheck shell=sh
# Where sshd is, for the scripts that ask it; `newline` is for them too.
# shellcheck disable=SC2034
newline='
'

sshd=$(command -v sshd 2>/dev/null)
for place in /usr/sbin /usr/local/sbin /usr/local/bin /sbin /opt/openssh/sbin; do
  [ -n "$sshd" ] && break
  [ -x "$place/sshd" ] && sshd=$place/sshd
done
