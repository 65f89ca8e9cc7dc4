# Prints the sets of ipset(8) that rules may name, and what makes sets at boot.
# HARDTUI_ROOT stands before every path that is looked at; where it is set, the kernel is not asked.
root=${HARDTUI_ROOT:-}

has() { command -v "$1" >/dev/null 2>&1; }

# A set's name may hold a line of its own: only lines that ipset prints itself are let through.
part headers
if [ -z "$root" ] && has ipset; then
  listed=$(ipset list -t 2>&1)
  status=$?
else
  listed=
  status=absent
fi
if [ "$status" = 0 ]; then
  printf '%s\n' "$listed" | grep -E '^(Name|Type|Header|Number of entries): '
else
  printf '%s\n' "$listed" | tail -n 1
fi
part status
echo "$status"

# So many lines of each, and so many bytes of all; a set that was read to its end has a last line `whole`, and fewer.
lines=4099 room=1048576 number=0
[ "$status" != 0 ] || printf '%s\n' "$listed" | sed -n 's/^Name: //p' | while IFS= read -r name; do
  number=$((number + 1))
  saved=$({ ipset save "$name" </dev/null 2>/dev/null && echo whole; } | head -n "$lines" | head -c "$room")
  part "members $number"
  printf '%s\n' "$saved"
  room=$((room - ${#saved}))
  [ "$room" -gt 0 ] || break
done

# Names of sets in what `ipset save` has written, also before release 6.
created() { sed -n -E 's/^[[:space:]]*(create|-N) +([^ ]+) .*/name \2/p' "$@" 2>/dev/null; }

# What lines of a script make: sets by name, or those of a file that they restore; else nobody knows.
made_by() {
  grep -hsE '^[^#]*ipset.*( create | -N | --create | rename |restore)' "$@" | tr -d "\"'" | while read -r line; do
    file=$(printf '%s\n' "$line" | sed -n -E \
      -e 's/.*ipset.*restore.*(<| -f| -file) *([^][ ;|&$*?<]+).*/\2/p;t' \
      -e 's/.*cat +([^][ ;|&$*?]+) *\|.*ipset.*restore.*/\1/p')
    name=$(printf '%s\n' "$line" | sed -n -E \
      's/.*ipset( +-exist| +-!)* +(create|-N|--create)( +-exist| +-!)* +([^][ ;|&$*?]+) .*/\4/p')
    case ${file:+file}${name:+name}:$file in
    file:/*)
      if [ -r "$root$file" ]; then created "$root$file"; elif [ -e "$root$file" ]; then echo others; fi
      ;;
    name:) echo "name $name" ;;
    *) echo others ;;
    esac
  done
}

# Which comes first in a script that does both.
order_in() {
  awk '!/^[[:space:]]*#/ && /ipset/ && /restore|create|-N / && !sets { sets = NR }
    !/^[[:space:]]*#/ && /ip6?tables(-nft|-legacy)?-restore/ && !rules { rules = NR }
    END { if (rules) print "order", sets < rules ? "first" : "late" }' "$@" 2>/dev/null
}

# A maker: its words, when it runs (makers.ts has what that means), its own order, and the names.
maker() { # WHEN FILE WORDS
  printf 'by %s\nwhen %s\n' "$3" "$1"
  order_in "$2"
  made_by "$2"
}

part makers
plugins="$root/usr/share/netfilter-persistent/plugins.d"
for plugin in "$plugins"/*; do
  if [ ! -x "$plugin" ] || ! grep -qsE '^[^#]*ipset.*restore' "$plugin"; then continue; fi
  # run-parts(8) goes by the names; between those of both families it may be in time for one of them.
  when=$(for one in "$plugin" "$plugins"/*ip4tables "$plugins"/*ip6tables; do
    [ ! -e "$one" ] || printf '%s\n' "${one##*/}"
  done | LC_ALL=C sort | awk -v own="${plugin##*/}" '$0 == own { at = NR }
    END { print at == 1 ? "first" : at == NR ? "late" : "unit" }')
  maker "$when" "$plugin" "netfilter-persistent's plugin ${plugin##*/}"
done
for file in "$root"/etc/firewalld/ipsets/*.xml; do
  [ -f "$file" ] || continue
  name=${file##*/}
  printf 'by firewalld\nwhen owner\nname %s\n' "${name%.xml}"
done
grep -ls ipset "$root"/etc/network/if-pre-up.d/* "$root"/etc/network/if-up.d/* | while read -r file; do
  [ -f "$file" ] && [ -x "$file" ] && maker hook "$file" "the hook ${file#"$root"}"
done
grep -lsE '^[[:space:]]*(pre-up|up|post-up)[[:space:]].*ipset' \
  "$root/etc/network/interfaces" "$root"/etc/network/interfaces.d/* | while read -r file; do
  maker hook "$file" "a line of ${file#"$root"}"
done
for file in "$root/etc/rc.local" "$root/etc/rc.d/rc.local" "$root"/etc/local.d/*.start "$root/etc/ufw/before.init" \
  "$root"/etc/NetworkManager/dispatcher.d/* "$root"/etc/networkd-dispatcher/routable.d/*; do
  if [ ! -f "$file" ] || [ ! -x "$file" ] || ! grep -qs ipset "$file"; then continue; fi
  case $file in */ufw/*) when=owner ;; *) when=script ;; esac
  maker "$when" "$file" "the script ${file#"$root"}"
done
grep -lsE '^[[:space:]]*@reboot.*ipset' "$root/etc/crontab" "$root"/etc/cron.d/* "$root/var/spool/cron/crontabs/root" \
  "$root/var/spool/cron/root" | while read -r file; do
  maker script "$file" "an @reboot line of ${file#"$root"}"
done
# Units that are wanted by a target, and scripts that a runlevel starts, with the scripts that these call.
elsewhere='/(usr/local|opt|etc|root|srv|usr/libexec)/'
grep -lsE "ipset|^ExecStart[a-zA-Z]*=[-@:+!]*${elsewhere}" "$root"/etc/systemd/system/*.wants/*.service \
  "$root"/etc/rcS.d/S* "$root"/etc/rc2.d/S* "$root"/etc/runlevels/boot/* "$root"/etc/runlevels/default/* |
  while read -r wanted; do
    case ${wanted##*/} in netfilter-persistent.service | fail2ban.service | firewalld.service) continue ;; esac
    called=$(sed -n -E "s,^ExecStart[a-zA-Z]*=[-@:+!]*(${elsewhere}[^ ]*).*,\1,p" "$wanted")
    if grep -qsE '^Before=.*(netfilter-persistent|ip6?tables|hardtui-rules)' "$wanted"; then when=first; else when=unit; fi
    if [ "${wanted##*/}" = ipset.service ]; then
      # Of the package ipset-service, which keeps them in files.
      printf 'by ipset.service\nwhen %s\n' "$when"
      created "$root/etc/sysconfig/ipset" "$root"/etc/sysconfig/ipset.d/*.set
      continue
    fi
    for file in "$wanted" $called; do
      [ "$file" = "$wanted" ] || file=$root$file
      if grep -qs '^[^#]*ipset' "$file"; then maker "$when" "$file" "${wanted##*/}"; fi
    done
  done
part end
