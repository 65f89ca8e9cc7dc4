# shellcheck shell=sh
# shellcheck disable=SC2154 # the log files, and how many lines of them, are said by the area, before this text
# Prints where the secure log is (the journal, a file, or both) and the last lines of each.
# HARDTUI_ROOT stands before every path that is looked at; the practice server sets it, a real host never does.
root=${HARDTUI_ROOT:-}

part zone
date +%z

entries=
journal=absent
if command -v journalctl >/dev/null 2>&1; then
  journal=empty
  entries=$(secure_journal -n "$log_lines" 2>/dev/null)
  case $entries in
    *'"SYSLOG_IDENTIFIER":"sshd'* | *'"SYSLOG_IDENTIFIER" : "sshd'*) journal=present ;;
  esac
fi
part journal
echo "$journal"

file=
part files
for log in $log_files; do
  [ -e "$root$log" ] || continue
  if [ -r "$root$log" ]; then
    [ -n "$file" ] || [ ! -s "$root$log" ] || file=$log
  else
    echo "$log"
  fi
done

part file
echo "$file"

# Whoever writes long lines drives out old ones, not new ones.
newest() { tail -c 900000; }

part entries
[ "$journal" = absent ] || printf '%s\n' "$entries" | newest

# Beside a full journal nothing is gained by a file; beside one that is young (in memory only, or just rotated) the file
# may reach further back. The end of it holds as many lines of ours unless others fill it; reading all of a large one takes
# too long.
part lines
if [ -n "$file" ] && [ -z "$(printf '%s\n' "$entries" | sed -n "${log_lines}{p;q;}")" ]; then
  tail -c 4000000 "$root$file" | awk '
    / (sshd(-session|-auth|\(pam_unix\))?|sudo(-rs)?|su|hardtui)(\[[0-9]+\])?: / ||
    / (sshd(-session|-auth)?|sudo(-rs)?|su|hardtui) ([0-9]+|-) [^ ]+ (-|\[)/ { print; ours = 1; next }
    / last message repeated [0-9]+ times?$/ { if (ours) print; next }
    { ours = 0 }' | tail -n "$log_lines" | newest
fi
