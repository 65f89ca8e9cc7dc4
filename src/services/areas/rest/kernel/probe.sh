# shellcheck shell=sh
# Prints how the kernel treats packets: what it runs with, what the files of sysctl.d(5) set at the next boot, and what on
# this host needs forwarding or answers by another way.
root=${HARDTUI_ROOT:-}
sys=$root/proc/sys/net

# grep(1), as it reads many files at once; these give a shell that takes a byte at a time no second one. Names of
# interfaces have neither blanks nor colons.
part values
grep -s -H '' "$sys"/ipv4/tcp_syncookies "$sys"/ipv4/ip_forward "$sys"/ipv4/icmp_echo_ignore_broadcasts \
  "$sys"/ipv4/conf/*/accept_redirects "$sys"/ipv4/conf/*/secure_redirects "$sys"/ipv4/conf/*/shared_media \
  "$sys"/ipv4/conf/*/send_redirects "$sys"/ipv4/conf/*/accept_source_route "$sys"/ipv4/conf/*/rp_filter \
  "$sys"/ipv4/conf/*/log_martians "$sys"/ipv4/conf/*/forwarding \
  "$sys"/ipv6/conf/*/forwarding "$sys"/ipv6/conf/*/accept_redirects "$sys"/ipv6/conf/*/accept_source_route
echo end

# dir FOLDER, in the order in which a file hides one of its name in a later folder; file PATH [masked].
part files
who=procps
[ ! -d "$root/run/systemd/system" ] || who=systemd
echo "read by $who"
list=
for folder in /etc /run /usr/local/lib /usr/lib /lib; do
  folder=$folder/sysctl.d
  [ -d "$root$folder" ] || continue
  # One folder under two names.
  case $folder in /lib/*)
    [ "$(readlink -f "$root/lib/sysctl.d")" != "$(readlink -f "$root/usr/lib/sysctl.d")" ] || continue
    ;;
  esac
  if [ ! -r "$root$folder" ] || [ ! -x "$root$folder" ]; then echo "closed $folder"; fi
  for file in "$root$folder"/*.conf; do
    if [ ! -e "$file" ] && [ ! -L "$file" ]; then continue; fi
    case $file in *[!A-Za-z0-9._/@+:-]*)
      echo odd
      continue
      ;;
    esac
    if [ -f "$file" ] && [ -r "$file" ]; then
      echo "file ${file#"$root"}"
      list="$list $file"
    elif [ -c "$file" ]; then
      echo "file ${file#"$root"}"
    elif [ -e "$file" ]; then
      echo "unread ${file#"$root"}"
    else
      # A link to nothing sets nothing, and hides all the same.
      echo "file ${file#"$root"}"
    fi
  done
done
if [ "$who" = procps ] && [ -e "$root/etc/sysctl.conf" ]; then
  if [ -f "$root/etc/sysctl.conf" ] && [ -r "$root/etc/sysctl.conf" ]; then
    echo "file /etc/sysctl.conf"
    list="$list $root/etc/sysctl.conf"
  else echo "unread /etc/sysctl.conf"; fi
fi
echo end

# PATH:LINE:TEXT of each line about the network, whatever it begins with; of very many none counts.
part lines
# shellcheck disable=SC2086 # names without blanks
[ -z "$list" ] || grep -s -n -H '^[[:space:]]*-\{0,1\}[[:space:]]*[n*?[]' $list /dev/null | awk 'NR > 2000 { print "many"; exit } { print }'
echo end

file_part own /etc/sysctl.d/99-hardtui.conf

part links
for link in "$root"/sys/class/net/*; do
  kind=
  if [ -d "$link/bridge" ]; then kind=bridge; elif [ -e "$link/tun_flags" ]; then kind=tun; fi
  if [ -r "$link/uevent" ]; then
    while IFS='=' read -r word value; do [ "$word" != DEVTYPE ] || kind=$value; done <"$link/uevent"
  fi
  [ ! -e "$link" ] || echo "${link##*/} $kind"
done
echo end

part routes
{ while read -r link to _; do [ "$to" != 00000000 ] || echo "default $link"; done <"$root/proc/net/route"; } 2>/dev/null
if [ -z "$root" ] || [ -x "$root/bin/ip" ]; then ip rule show 2>/dev/null && echo end; fi

# Which rules of packet filters pass packets on; asked where packets are passed on at all.
part forward
on=
for one in "$sys/ipv4/ip_forward" "$sys/ipv6/conf/all/forwarding"; do
  { read -r value <"$one"; } 2>/dev/null || [ -n "$value" ] || continue
  [ "$value" = 0 ] || on=yes
done
if [ -n "$on" ]; then
  for save in iptables-save ip6tables-save; do
    "$save" -t filter 2>/dev/null | grep -m 3 '^-A FORWARD .*-j ACCEPT'
  done
fi
