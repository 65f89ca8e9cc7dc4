# shellcheck shell=sh
# Prints the files of hosts_access(5), and whether sshd asks them: its own binary names hosts_access(3), and from
# OpenSSH 9.8 on that of the program which serves each connection, whose path it holds. And which other programs ask.
file_part allow /etc/hosts.allow
file_part deny /etc/hosts.deny

part sshd
sshd=$(command -v sshd 2>/dev/null)
for place in /usr/sbin /usr/local/sbin /usr/local/bin /sbin /opt/openssh/sbin; do
  [ -n "$sshd" ] && break
  [ -x "$place/sshd" ] && sshd=$place/sshd
done
# 2 of grep(1) is an error, and no answer.
says() {
  grep -q "${2:-hosts_access}" "$1" 2>/dev/null
  case $? in
    0) echo "asks $1" ;;
    1) echo "without $1" ;;
    *) echo "unread $1" ;;
  esac
}
if [ -n "$sshd" ]; then
  says "$sshd"
  if grep -q sshd-session "$sshd"; then
    session=$(grep -ao '/[[:alnum:]/._-]*/sshd-session' "$sshd" | head -n 1)
    says "${session:-sshd-session}"
  fi
fi

# A library of the program's may ask for it: what counts is whether the running one has libwrap in its memory, or all of it
# in itself, names of the files included. Only what stands where root alone installs programs: anybody may call one of his
# own rpcbind. `all` where what others run is seen as well.
part daemons
proc=${HARDTUI_ROOT:-}/proc
# shellcheck disable=SC2012 # one program for all links; what a name made of lines adds to them is looked at itself
ls -l "$proc"/[0-9]*/exe 2>/dev/null | sed -n 's|^.*/proc/\([0-9]*\)/exe -> \(/.*\)$|\1 \2|p' |
  while read -r pid found; do
    path=${found% (deleted)}
    case $path in
      /usr/local/* | *" "*) continue ;;
      /usr/*/rpcbind | /usr/*/rpc.mountd | /usr/*/rpc.statd | /usr/*/rpc.rquotad | /usr/*/ypserv | /usr/*/vsftpd) ;;
      /usr/*/snmpd | /usr/*/snmptrapd | /usr/*/slapd | /usr/*/nrpe | /usr/*/sendmail | /usr/*/in.tftpd) ;;
      /sbin/rpcbind | /sbin/rpc.statd | /sbin/rpc.mountd | /usr/sbin/xinetd) ;;
      /usr/sbin/*inetd)
        echo "runs $path"
        continue
        ;;
      *) continue ;;
    esac
    [ "$(readlink "$proc/$pid/exe" 2>/dev/null)" = "$found" ] || continue
    grep -q '/libwrap\.so' "$proc/$pid/maps" 2>/dev/null
    case $? in
      0) echo "asks $path" ;;
      1) says "$path" 'hosts_access\|hosts_ctl\|/etc/hosts\.allow' ;;
      *) echo "unread $path" ;;
    esac
  done
if [ -n "${HARDTUI_ROOT:-}" ] || ls -l "$proc/1/exe" >/dev/null 2>&1; then echo all; fi

# What inetd(8) and xinetd(8) start, by the name that tcpd(8) (after the words `inetd` and `tcpd`) or xinetd itself asks for
# it: what it is started as, without its path.
# `odd` where xinetd may take something otherwise than here.
part ondemand
set --
for file in "${HARDTUI_ROOT:-}"/etc/inetd.conf "${HARDTUI_ROOT:-}"/etc/xinetd.conf "${HARDTUI_ROOT:-}"/etc/xinetd.d/*; do
  case $file in *~ | */xinetd.d/*.*) continue ;; esac
  [ -f "$file" ] && [ "$#" -lt 100 ] && set -- "$@" "$file"
done
[ "$#" -eq 0 ] || awk '
  function base(path) { sub(/^.*\//, "", path); return path }
  function value(line) { sub(/^[^=]*=[ \t]*/, "", line); return line }
  function first(words, list) { split(words, list, /[ \t]+/); return list[1] }
  FNR == 1 { name = "" }
  /^[ \t]*(#|$)/ { next }
  FILENAME ~ /\/inetd\.conf$/ {
    if (base($6) == "tcpd" && NF > 6 && found++ < 100) print "inetd", base($7)
    next
  }
  $1 == "service" { name = $2; off = inside = 0; server = args = flags = asked = ""; next }
  $1 == "defaults" { name = ""; next }
  $1 ~ /^(enabled|disabled)$/ && name == "" { print "odd" }
  /^[ \t]*}/ && name != "" {
    known = flags ~ /NAMEINARGS/ ? base(first(args)) : base(server)
    if (inside || server == "") known = name
    if (base(server) == "tcpd") { if (flags ~ /NAMEINARGS/ && !off && found++ < 100) print "tcpd", known }
    else if (flags !~ /NOLIBWRAP/ && !off && found++ < 100) print "xinetd", asked == "" ? known : asked
    name = ""
    next
  }
  $1 ~ /^disable(=|$)/ { off = value($0) ~ /^yes/ }
  $1 ~ /^server(=|$)/ { server = first(value($0)) }
  $1 ~ /^server_args(=|$)/ { args = value($0) }
  $1 ~ /^flags([+=]|$)/ { flags = flags " " value($0) }
  $1 ~ /^libwrap(=|$)/ { asked = first(value($0)) }
  $1 ~ /^redirect(=|$)/ { inside = 1 }
  $1 ~ /^type(=|$)/ && $0 ~ /INTERNAL/ { inside = 1 }
  END { if (found > 100) print "odd" }' "$@" 2>/dev/null || echo odd
echo end
