#!/bin/sh
# Puts back the firewall rules that were saved beside this file: `back.sh now` at once, `back.sh wait` at the deadline,
# unless the new ones were kept by then. It needs nothing but what lies here, and may run any number of times.
set -u
dir=${0%/*}
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export LC_ALL PATH

say() {
  logger -t set_iptables -- "$*" 2>/dev/null
  printf '%s\n' "$*" 2>/dev/null || :
}

# Seconds since boot: nobody's clock moves them. A deadline that can't be read has passed.
due() {
  read -r deadline <"$dir/deadline"
  case ${deadline:-x} in *[!0-9]*) return 0 ;; esac
  read -r up rest </proc/uptime
  : "$rest"
  [ "${up%.*}" -ge "$deadline" ]
} 2>/dev/null

# Old versions have no -w; the legacy iptables fails at once when another one holds its lock.
put_back() { # PROGRAM FAMILY
  "$1" -w 5 --noflush <"$dir/undo.$2" || "$1" --noflush <"$dir/undo.$2" || "$1" -w 5 <"$dir/before.$2" || "$1" <"$dir/before.$2"
} >/dev/null 2>&1

# The last resort: better open than shut for good.
let_in() { # PROGRAM
  for table in raw mangle filter security; do
    for chain in PREROUTING INPUT FORWARD OUTPUT POSTROUTING; do
      "$1" -t "$table" -P "$chain" ACCEPT
      "$1" -t "$table" -F "$chain"
    done
  done
} >/dev/null 2>&1

restore() { # PROGRAM FAMILY
  [ -s "$dir/undo.$2" ] || return 0
  for try in 1 2 3 4 5; do
    if put_back "$1-restore" "$2"; then
      say "The $1 rules are as they were."
      return 0
    fi
    [ "$try" = 5 ] || sleep 1
  done
  let_in "$1"
  say "The $1 rules could NOT be put back: everybody is let in now. What they were: $dir/before.$2"
  return 1
}

if [ "${1-}" = wait ]; then
  echo "$$" >"$dir/watch"
  while [ -e "$dir/armed" ] && ! due; do sleep 1; done
  # One rename decides between this and --keep. A watch that was killed at its work is started again and goes on.
  mv "$dir/armed" "$dir/fired" 2>/dev/null || [ -e "$dir/fired" ] || exit 0
  say "Nobody kept the new firewall rules in time."
fi
status=0
restore iptables v4 || status=1
restore ip6tables v6 || status=1
rm -f "$dir/armed" "$dir/fired"
exit "$status"
