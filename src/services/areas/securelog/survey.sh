# shellcheck shell=sh
# shellcheck disable=SC2154 # log_files is said by the area, before this text
# Prints all that there is of the secure log, oldest first: what was rotated away, the file, the journal. Our own lines
# begin with `=`, those of files with `+`, those of the journal with `{`; what stands beside the log comes behind them.
renice -n 19 -p $$ >/dev/null 2>&1
ionice -c 3 -p $$ >/dev/null 2>&1

# Passes on what $@ prints, and says at its end whether that was all: the status of each program.
passed() {
  status=$({ { "$@" 2>/dev/null; echo "$?" >&4; } | { cat >&3; echo "$?" >&4; }; } 4>&1)
  printf '= done %s\n' "$(printf '%s' "$status" | tr '\n' ' ')"
}
lines_of() {
  status=$({ { open_log "$1" 2>/dev/null; echo "$?" >&4; } | { secure_lines + >&3; echo "$?" >&4; }; } 4>&1)
  printf '= done %s\n' "$(printf '%s' "$status" | tr '\n' ' ')"
}
whole_journal() { (secure_journal); }

# Sessions by last(1) with `w` and by lastlog(8) with `g`, failures by lastb(1) with `b`, jails of fail2ban with `f`, names of
# addresses with `h`. Nobody else is asked: whoever attacks may answer for the names of his addresses himself.
told_beside() {
  echo '= hosts'
  # Its last line may have no end, which sed(1) would leave as it is.
  awk '{ print "h" $0 }' "$root/etc/hosts" 2>/dev/null
  # The practice server keeps none of the others.
  [ -z "$root" ] || return 0
  if command -v last >/dev/null 2>&1; then
    echo '= wtmp'
    LC_ALL=C last -F -w -i 2>/dev/null | sed 's/^/w/'
  fi
  for program in lastlog2 lastlog; do
    latest=$(LC_ALL=C "$program" 2>/dev/null) || continue
    echo '= lastlog'
    printf '%s\n' "$latest" | sed 's/^/g/'
    break
  done
  if command -v lastb >/dev/null 2>&1; then
    echo '= btmp'
    LC_ALL=C lastb -F -w -i 2>/dev/null | sed 's/^/b/'
  fi
  command -v fail2ban-client >/dev/null 2>&1 || return 0
  if jails=$(fail2ban-client status 2>/dev/null); then
    echo '= jails'
    printf '%s\n' "$jails" | sed -n 's/.*Jail list://p' | tr -s ',[:space:]' '\n' | while IFS= read -r jail; do
      [ -z "$jail" ] || jail_of "$jail"
    done
  else
    echo '= nojails'
  fi
}

# What a jail keeps out, an address a line: a list of thousands is longer than any line may be.
jail_of() {
  printf '= jail %s\n' "$1"
  fail2ban-client status "$1" 2>/dev/null </dev/null | awk '
    /Banned IP list:/ { sub(/^.*Banned IP list:/, ""); for (i = 1; i <= NF; i++) print "fip " $i; next }
    { print "f" $0 }'
}

exec 3>&1
printf '= zone %s\n' "$(secure_zone)"
printf '= uid %s\n' "$(id -u)"
for log in $log_files; do
  [ ! -e "$root$log" ] || [ -r "$root$log" ] || printf '= closed %s\n' "$log"
done
first=
if command -v journalctl >/dev/null 2>&1; then
  first=$(whole_journal 2>/dev/null | head -n 1)
  printf '= first %s\n' "$first"
fi
file=$(kept_file)
if [ -n "$file" ]; then
  [ ! -e "$root$file" ] || [ -s "$root$file" ] || printf '= empty %s\n' "$file"
  secure_files "$file" | while IFS= read -r log; do
    printf '= file %s %s\n' "$(date -r "$log" +%s)" "${log#"$root"}"
    lines_of "$log"
  done
fi
if [ -n "$first" ]; then
  echo '= journal'
  passed whole_journal
fi
told_beside
echo '= end'
