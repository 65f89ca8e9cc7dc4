# shellcheck shell=sh
# shellcheck disable=SC2154 # how many lines are wanted is said by the area, before this text
# Prints where the secure log is (the journal, a file, or both) and the last lines of each.
part zone
secure_zone

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

part files
{ file=$(secure_file 2>&3); } 3>&1

part file
echo "$file"

# Whoever writes long lines drives out old ones, not new ones.
newest() { tail -c 900000; }

part entries
[ "$journal" = absent ] || printf '%s\n' "$entries" | newest

# Beside a full journal nothing is gained by a file; beside one that is young (in memory only, or just rotated) the file
# may reach further back. The end of it holds as many lines of ours unless others fill it; reading all of a large one takes
# too long.
if [ -n "$file" ] && [ -z "$(printf '%s\n' "$entries" | sed -n "${log_lines}{p;q;}")" ]; then
  part inode
  inode_of "$root$file"
  size=$(wc -c <"$root$file")
  from=$((size > 4000000 ? size - 4000000 : 0))
  part lines
  log_bytes "$root$file" "$from" "$size" | secure_lines '' "$from" "$((from > 0))" | tail -n "$log_lines" | newest
fi
