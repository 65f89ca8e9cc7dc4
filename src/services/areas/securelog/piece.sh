# shellcheck shell=sh
# shellcheck disable=SC2154 # where it goes on, and how many lines are wanted, are said by the area, before this text
# Prints the lines of the secure log before a place, and the place before them. In the journal a place is a cursor; in a
# file its inode and how many bytes of it, unpacked, are not read yet (`end`: all of them).

# A place at the end of the log file that is older than $1, or of the newest one; no place where there is none.
place_before() {
  older=
  for log in $(secure_files "$file"); do
    [ "$log" != "$1" ] || break
    older=$log
  done
  [ -z "$older" ] || printf 'file %s end\n' "$(inode_of "$older")"
}

part zone
secure_zone
file=$(kept_file)

case $place in
  journal)
    part entries
    entries=$( (secure_journal -r -n "$log_lines" --after-cursor="$cursor") 2>/dev/null)
    status=$?
    printf '%s\n' "$entries"
    part status
    echo "$status"
    part place
    if [ -n "$(printf '%s\n' "$entries" | sed -n "${log_lines}{p;q;}")" ]; then
      echo journal
    elif [ -n "$file" ]; then
      place_before ''
    fi
    ;;
  file)
    log=
    [ -z "$file" ] || for one in $(secure_files "$file"); do [ "$(inode_of "$one")" != "$inode" ] || log=$one; done
    part log
    echo "${log#"$root"}"
    if [ -n "$log" ]; then
      part written
      date -r "$log" +%s
      part status
      case $until in
        # Once a file: whether all of it can be unpacked.
        end)
          open_log "$log" >/dev/null 2>&1
          echo "$?"
          until=$(open_log "$log" 2>/dev/null | wc -c)
          ;;
        *) echo 0 ;;
      esac
      # Larger pieces until one holds enough lines of ours: others may have filled the file.
      size=1000000
      while :; do
        from=$((until > size ? until - size : 0))
        lines=$(log_bytes "$log" "$from" "$until" 2>/dev/null | secure_lines '' "$from" "$((from > 0))" "$older_than" | tail -n "$log_lines")
        [ -z "$(printf '%s\n' "$lines" | sed -n "${log_lines}{p;q;}")" ] || break
        if [ "$from" -eq 0 ] || [ "$size" -ge 16000000 ]; then break; fi
        size=$((size * 4))
      done
      part lines
      [ -z "$lines" ] || printf '%s\n' "$lines"
      part place
      first=$(printf '%s\n' "$lines" | sed -n '1s/ .*//p')
      if [ "${first:-$from}" -gt 0 ]; then
        printf 'file %s %s\n' "$inode" "${first:-$from}"
      else
        place_before "$log"
      fi
    fi
    ;;
esac
