# shellcheck shell=sh
# shellcheck disable=SC2154 # login_user and the addresses are set by the batch that runs this, others in program.sh and views.sh
# Prints sshd's version, what listens, and its effective settings for this operator and for others (sshd(8), -T and -C).
part path
echo "$sshd"
[ -n "$sshd" ] || exit 0

# Before 9.0 -V is an unknown option, and the usage text that follows names the version all the same.
part version
"$sshd" -V </dev/null 2>&1 | sed -n '/^OpenSSH_/{p;q;}'

# Releases of Ubuntu's make the socket unit of sshd's own settings (systemd.generator(7)): of others than port 22 alone.
part generated
for path in run etc usr/local/lib usr/lib lib; do
  [ ! -x "${HARDTUI_ROOT:-}/$path/systemd/system-generators/sshd-socket-generator" ] || { echo yes; break; }
done

# Only a port with the label of sshd's is one that it may listen on, where SELinux enforces.
part selinux
if [ "$(cat "${HARDTUI_ROOT:-}/sys/fs/selinux/enforce" 2>/dev/null)" = 1 ]; then
  echo enforcing
  semanage port -l 2>/dev/null | awk '$1 == "ssh_port_t" && $2 == "tcp" { sub(/.*tcp[ \t]+/, ""); print; exit }'
fi

part sockets
if command -v systemctl >/dev/null 2>&1; then
  systemctl show ssh.socket sshd.socket -p Id -p ActiveState -p Listen 2>/dev/null
fi

# TCP ports that are listened on, by these sockets (inodes) or `all`: from the kernel's tables, no ss is needed.
listened() {
  awk -v inodes="$1" '
    function decimal(hex, i, sum) {
      for (i = 1; i <= length(hex); i++) sum = sum * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
      return sum
    }
    BEGIN { count = split(inodes, list, " "); for (i = 1; i <= count; i++) own[list[i]] = 1 }
    $4 == "0A" && ("all" in own || $10 in own) { port = $2; sub(/.*:/, "", port); if (!seen[port]++) printf " %d", decimal(port) }
  ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}
ports_of() {
  # shellcheck disable=SC2012 # the names are numbers
  listened "$(ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p' | tr '\n' ' ')"
}

# All TCP ports that anybody listens on: a socket unit may name one that it does not hold (changed, not restarted).
part open
[ -n "${HARDTUI_ROOT:-}" ] || listened all

# Every sshd that listens, by process id and ports: root's alone, and none that serves a session (their titles say who
# is served, and ports they listen on are forwarded ones). The practice server's programs are no processes of this kind.
part listening
running=
# shellcheck disable=SC2012 # one program for all links; what a name made of lines adds to them is looked at itself
[ -n "${HARDTUI_ROOT:-}" ] || for pid in $(ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's|^.* /proc/\([0-9]*\)/exe -> .*/sshd\( (deleted)\)\{0,1\}$|\1|p'); do
  case $(readlink "/proc/$pid/exe" 2>/dev/null) in */sshd | */sshd' (deleted)') ;; *) continue ;; esac
  grep -q '^Uid:[[:space:]]*0[[:space:]]' "/proc/$pid/status" 2>/dev/null || continue
  case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in
    'sshd: '*' [listener] '*) ;;
    'sshd: '*) continue ;;
  esac
  ports=$(ports_of "$pid")
  [ -n "$ports" ] || continue
  echo "$pid$ports"
  case "$ports " in *" $server_port "*) running=$pid ;; esac
  [ -n "$running" ] || running=$pid
done

# What that process was started with and -T has to know as well. A listener shows its command line as a title (since
# 8.2), its words without their quotes: an -o takes what follows up to the next option.
options_of() {
  tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | sed -e 's/^sshd: \(.*\) \[listener\] .*$/\1/;t words' -e b \
    -e ':words' -e 's/  */\n/g' | awk '
    { word[n++] = $0 }
    END {
      for (i = 1; i < n; i++) {
        if (word[i] !~ /^-./) continue
        rest = substr(word[i], 2)
        while (rest != "") {
          letter = substr(rest, 1, 1)
          rest = substr(rest, 2)
          if (letter == "4" || letter == "6") print "-" letter
          if (!index("fpohcCEgubk", letter)) continue
          value = rest == "" ? word[++i] : rest
          rest = ""
          while (letter == "o" && i + 1 < n && word[i + 1] !~ /^-/) value = value " " word[++i]
          if (index("fpohc", letter)) print "-" letter "\n" value
        }
      }
    }'
}
options=
[ -z "$running" ] || options=$(options_of "$running")
part options
echo "$options"
IFS=$newline
set -f
# shellcheck disable=SC2086 # one word a line
set -- $options
set +f
unset IFS

# -T needs the host keys, and /run/sshd; -G (9.3) needs neither, but takes no -C, so it is asked only where no Match
# block could make a difference. Releases before 6.5 know no laddr, ones before 5.1 no -C.
has_match() {
  case " $options" in *-f*) return 0 ;; esac
  grep -iqs '^[[:space:]]*match[[:space:]]' "${HARDTUI_ROOT:-}/etc/ssh/sshd_config" "${HARDTUI_ROOT:-}"/etc/ssh/sshd_config.d/*.conf
}
who=user=$login_user,host=$client_address,addr=$client_address
here=laddr=$server_address,lport=$server_port
first=
for attempt in effective short global plain; do
  case $attempt in
    effective) settings=$("$sshd" -T "$@" -C "$who,$here" 2>&1) ;;
    global) settings=$(has_match || "$sshd" -G "$@" 2>&1) ;;
    short) settings=$("$sshd" -T "$@" -C "$who" 2>&1) ;;
    plain) settings=$("$sshd" -T "$@" 2>&1) ;;
  esac
  status=$?
  [ "$attempt" != global ] || [ -n "$settings" ] || status=1
  [ "$status" -eq 0 ] && break
  [ -n "$first" ] || first=$settings
done
[ "$status" -eq 0 ] || settings=$first

part status
echo "$status"
part settings
printf '%s\n' "$settings"
[ "$status" -eq 0 ] || exit 0

part groups
for gid in $(id -G "$login_user" 2>/dev/null); do
  name=$({ getent group "$gid" || grep "^[^:]*:[^:]*:$gid:" /etc/group; } 2>/dev/null | sed -n '1s/:.*//p')
  printf '%s\n' "${name:-$gid}"
done

# Without PAM sshd keeps out whoever has a locked password, even with a key (platform_locked_account of its source).
part account
case $({ getent shadow "$login_user" || grep "^$login_user:" /etc/shadow; } 2>/dev/null | sed -n '1s/^[^:]*:\([^:]*\).*/=\1/p') in
  =!*) echo locked ;;
  =*) echo open ;;
esac
