# shellcheck shell=sh
# Prints what there is of BIND: program, release, how it runs, its configuration as named-checkconf(8) prints it (without
# the secrets of keys) and the files that it is written in; and this host's own addresses and name servers.
root=${HARDTUI_ROOT:-}
proc=$root/proc

program=
for place in /usr/sbin /usr/local/sbin /usr/bin /sbin /opt/isc/isc-bind/root/usr/sbin; do
  if [ -x "$root$place/named" ]; then
    program=$root$place/named
    break
  fi
done

part unit
main=
if [ -n "$program" ]; then
  if command -v systemctl >/dev/null 2>&1 && [ -d "$root/run/systemd/system" ]; then
    shown=$(timeout 5 systemctl show --no-pager -p Id -p LoadState -p ActiveState -p UnitFileState -p MainPID named.service bind9.service 2>/dev/null)
    printf '%s\n' "$shown"
    case $shown in *MainPID=[1-9]*) main=${shown#*MainPID=} main=${main%%[!0-9]*} ;; esac
  else
    for script in named bind9; do
      [ -x "$root/etc/init.d/$script" ] || continue
      state=disabled
      for link in "$root"/etc/rc[2345S].d/S[0-9][0-9]"$script"; do [ ! -L "$link" ] || state=enabled; done
      echo "Id=$script"
      echo LoadState=loaded
      if grep -qx named "$proc"/[0-9]*/comm 2>/dev/null; then echo ActiveState=active; else echo ActiveState=inactive; fi
      echo "UnitFileState=$state"
      break
    done
  fi
  echo end
fi

part named
[ -z "$program" ] || echo "program ${program#"$root"}"
[ -z "$program" ] || timeout 5 "$program" -v 2>/dev/null | sed -n '1s/^/version /p'

# named of this host itself, not of a container, and run by root or the account that is named's: anybody may start one with a
# configuration of his own.
jail='' conf='' pid=''
here=$(readlink "$proc/self/ns/pid")
ids=" 0 $(sed -n 's/^\(bind\|named\):[^:]*:\([0-9]*\):.*/\2/p' "$root/etc/passwd" 2>/dev/null | tr '\n' ' ')"
# shellcheck disable=SC2013 # proc(5) has no names with blanks here
for comm in $(grep -lx named "$proc"/[0-9]*/comm 2>/dev/null); do
  at=${comm%/comm}
  exe=$(readlink "$at/exe")
  [ "${exe% (deleted)}" = "$(readlink -f "$program")" ] || continue
  [ "$(readlink "$at/ns/pid")" = "$here" ] || continue
  uid=
  while read -r word real _; do [ "$word" != Uid: ] || uid=$real; done <"$at/status"
  case $ids in *" $uid "*) ;; *) continue ;; esac
  # Of several, that of the service.
  [ -n "$pid" ] || pid=${at##*/}
  [ "${at##*/}" != "$main" ] || pid=$main
done
if [ -n "$pid" ]; then
  echo "pid $pid"
  before=
  while IFS= read -r word; do
    case $before in -c) conf=$word ;; -t) jail=${word%/} ;; esac
    case $word in -c?*) conf=${word#-c} ;; -t?*) jail=${word#-t} ;; esac
    before=$word
  done <<WORDS
$(tr '\0' '\n' <"$proc/$pid/cmdline" 2>/dev/null)
WORDS
fi
if [ -z "$conf" ]; then
  for place in /etc/bind/named.conf /etc/named.conf /usr/local/etc/namedb/named.conf /etc/named/named.conf; do
    if [ -e "$root$jail$place" ]; then
      conf=$place
      break
    fi
  done
fi
case $conf$jail in *[!A-Za-z0-9._/@+-]*) conf='' jail='' && echo odd ;; esac
[ -z "$jail" ] || echo "chroot $jail"
[ -z "$conf" ] || echo "conf $conf"
echo end

# The files that others are included from, and those; only absolute names are what they seem.
paths='' count=0
todo=$conf
while [ -n "$todo" ] && [ "$count" -lt 40 ]; do
  found=
  for path in $todo; do
    case " $paths " in *" $path "*) continue ;; esac
    case $path in *[!A-Za-z0-9._/@+*?-]*) continue ;; esac
    paths="$paths $path" count=$((count + 1))
    found="$found $(sed -n 's/^[^#]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$root$jail$path" 2>/dev/null | tr '\n' ' ')"
  done
  todo=
  for path in $found; do
    case $path in
    *[*?]*) for one in "$root$jail"$path; do [ ! -e "$one" ] || todo="$todo ${one#"$root$jail"}"; done ;;
    /*) todo="$todo $path" ;;
    esac
  done
done
number=0
for path in $paths; do
  number=$((number + 1))
  part "path.$number"
  echo "$path"
  # What holds the secret of a key is not carried away.
  if grep -q 'secret[[:space:]]' "$root$jail$path" 2>/dev/null; then echo secret; else file_part "file.$number" "$jail$path"; fi
done
part paths
echo "$count"
if [ -z "$todo" ]; then echo end; fi

part own
ip -o address show up 2>/dev/null && echo end
part made
# What has no device behind it was made here: a bridge, a tunnel.
ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/default \1/p'
for one in "$root"/sys/class/net/*; do
  name=${one##*/}
  if [ "$name" != lo ] && [ -e "$one" ] && [ ! -e "$one/device" ]; then echo "made $name"; fi
done
echo end
part resolvers
if [ -e "$root/etc/resolv.conf" ]; then sed -n 's/^[[:space:]]*nameserver[[:space:]]*\([^[:space:]]*\).*/\1/p' "$root/etc/resolv.conf" && echo end; else echo end; fi

# The last, for it may take long.
part printed
if [ -n "$conf" ]; then
  checker=
  for place in /usr/bin /usr/sbin /usr/local/sbin /usr/local/bin; do
    if [ -z "$checker" ] && [ -x "$root$place/named-checkconf" ]; then checker=$root$place/named-checkconf; fi
  done
  if [ -n "$checker" ]; then
    timeout 10 "$checker" ${jail:+-t "$root$jail"} -px "$conf" 2>&1
    printf '\nstatus %s\n' "$?"
  else echo 'no named-checkconf'; fi
fi
