# shellcheck shell=sh
# shellcheck disable=SC2154 # the log files are listed by the area, before this text
# Prints where the secure log is (the journal where it holds sshd's entries, else a file) and its last 500 lines.
# HARDTUI_ROOT stands before every path that is looked at; the practice server sets it, a real host never does.
# The lines are any local user's own words, so they come last and can't pass for another part.
root=${HARDTUI_ROOT:-}
mark() { printf '\n@@%s\n' "$1"; }

mark zone
date +%z

entries=
journal=absent
if command -v journalctl >/dev/null 2>&1; then
  journal=empty
  entries=$(secure_journal -n 500 2>/dev/null)
  case $entries in
    *'"SYSLOG_IDENTIFIER":"sshd'* | *'"SYSLOG_IDENTIFIER" : "sshd'*) journal=present ;;
  esac
fi
mark journal
echo "$journal"

file=
mark files
for log in $log_files; do
  [ -e "$root$log" ] || continue
  if [ -r "$root$log" ]; then
    [ -n "$file" ] || [ ! -s "$root$log" ] || file=$log
  else
    echo "$log"
  fi
done

mark file
echo "$file"

mark lines
if [ "$journal" = present ]; then
  printf '%s\n' "$entries"
elif [ -n "$file" ]; then
  # The end of the file holds 500 lines of ours unless others fill it; reading all of a large one takes too long.
  tail -c 4000000 "$root$file" | sed -n \
    -e '/ sshd[-a-z]*\(\[[0-9]*\]\)\{0,1\}: /{p;d;}' \
    -e '/ sudo\(\[[0-9]*\]\)\{0,1\}: /{p;d;}' \
    -e '/ hardtui\(\[[0-9]*\]\)\{0,1\}: /{p;d;}' \
    -e '/ su\(\[[0-9]*\]\)\{0,1\}: /p' | tail -n 500
fi
