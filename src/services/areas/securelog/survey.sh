# shellcheck shell=sh
# shellcheck disable=SC2154 # log_files is said by the area, before this text
# Prints all that there is of the secure log, oldest first: what was rotated away, the file, the journal. Our own lines
# begin with `=`, those of files with `+`, those of the journal with `{`; behind them what last(1) knows, with `w`.
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

exec 3>&1
printf '= zone %s\n' "$(date +%z)"
printf '= uid %s\n' "$(id -u)"
for log in $log_files; do
  [ ! -e "$root$log" ] || [ -r "$root$log" ] || printf '= closed %s\n' "$log"
done
first=
if command -v journalctl >/dev/null 2>&1; then
  first=$(whole_journal 2>/dev/null | head -n 1)
  printf '= first %s\n' "$first"
fi
file=$(secure_file 2>/dev/null)
if [ -n "$file" ]; then
  secure_files "$file" | while IFS= read -r log; do
    printf '= file %s %s\n' "$(date -r "$log" +%s)" "${log#"$root"}"
    lines_of "$log"
  done
fi
if [ -n "$first" ]; then
  echo '= journal'
  passed whole_journal
fi
if [ -z "$root" ] && command -v last >/dev/null 2>&1; then
  echo '= wtmp'
  LC_ALL=C last -F -w -i 2>/dev/null | sed 's/^/w/'
fi
echo '= end'
