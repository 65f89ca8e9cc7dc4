# shellcheck shell=sh
# shellcheck disable=SC2154 # log_files, log_names and journal_names are said by the area, before this text
# Where the secure log is, and its lines. HARDTUI_ROOT stands before every path that is looked at; the practice server sets
# it, a real host never does.
root=${HARDTUI_ROOT:-}

# The zone of the server's clock: what it is now, when that was, and what it is called: `+0100 1795836000 Europe/Berlin`.
secure_zone() {
  zone=${TZ:-$(readlink /etc/localtime 2>/dev/null)}
  zone=${zone##*zoneinfo/}
  [ -n "$zone" ] || zone=$(head -n 1 /etc/timezone 2>/dev/null)
  printf '%s %s\n' "$(date '+%z %s')" "$zone"
}

# Becomes journalctl(1) on the entries that call themselves one of our programs, one JSON object a line. Forged ones are
# among them: the reader tells them by the fields that journald fills in itself.
secure_journal() {
  for name in $journal_names; do set -- "$@" "SYSLOG_IDENTIFIER=$name"; done
  # A third of the bytes; journalctl knows it since 236.
  case $(journalctl --help 2>/dev/null) in
    *--output-fields*) set -- --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM,_EXE,_UID,_PID "$@" ;;
  esac
  exec journalctl -q --no-pager -o json "$@"
}

# Of the lines of a log file those that our programs wrote, $1 before each; syslogd may have folded the last of them. With
# $2, the place of the first byte, each line has its own place before it; $3 says that the first line is the end of one.
# $4, YYYYMMDDhhmmss in the server's zone, leaves out what is not older; lines without a year are of the year before it.
secure_lines() {
  SECURE=$log_names LC_ALL=C awk -v before="$1" -v at="${2:--1}" -v part="${3:-0}" -v limit="${4:-}" '
    BEGIN {
      plain = " (" ENVIRON["SECURE"] ")([[][0-9]+[]])?: "
      rfc5424 = " (" ENVIRON["SECURE"] ") ([0-9]+|-) [^ ]+ (-|[[])"
      placed = at >= 0
    }
    function older(line,  key, month) {
      if (limit == "") return 1
      sub(/^<[0-9]+>1 /, "", line)
      if (line ~ /^[0-9][0-9][0-9][0-9]-/) {
        key = substr(line, 1, 19)
        gsub(/[^0-9]/, "", key)
        return key < limit
      }
      month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", substr(line, 1, 3)) + 2) / 3
      key = sprintf("%02d%02d%s", month, substr(line, 5, 2), substr(line, 8, 8))
      gsub(/:/, "", key)
      # Over the turn of a year the later month is the older one.
      if (month - substr(limit, 5, 2) > 6) return 1
      if (substr(limit, 5, 2) - month > 6) return 0
      return key < substr(limit, 5)
    }
    function show() {
      ours = older($0)
      if (!ours) return
      if (placed) printf "%d ", at
      print before $0
    }
    NR == 1 && part { at += length($0) + 1; next }
    $0 ~ plain || $0 ~ rfc5424 { show(); at += length($0) + 1; next }
    / last message repeated [0-9]+ times?$/ { if (ours) show(); at += length($0) + 1; next }
    { ours = 0; at += length($0) + 1 }'
}

# The bytes of the log file $1 from place $2 to place $3, counted from 0, as they are once it is unpacked.
log_bytes() {
  case $1 in
    *.gz | *.xz | *.lzma | *.bz2 | *.zst) open_log "$1" | head -c "$3" | tail -c +"$(($2 + 1))" ;;
    *) tail -c +"$(($2 + 1))" "$1" | head -c "$(($3 - $2))" ;;
  esac
}

# The log file of ours that is read: the first that says something. Those that may not be read go to stderr.
secure_file() {
  for log in $log_files; do
    [ -e "$root$log" ] || continue
    if [ ! -r "$root$log" ]; then
      echo "$log" >&2
    elif [ -s "$root$log" ]; then
      echo "$log"
      return
    fi
  done
}

# The log file $1 and what was rotated away from it, the oldest first, by the names that logrotate(8) and savelog(8) give.
secure_files() {
  find "$root$1" "$root$1".* "$root$1"-* -prune -type f 2>/dev/null | while IFS= read -r log; do
    rotated=${log#"$root$1"}
    [ -z "$rotated" ] ||
      printf '%s\n' "$rotated" | grep -Eq '^([.][0-9]{1,4}|-[0-9]{8}[0-9-]{0,11})([.](gz|xz|lzma|bz2|zst))?$' || continue
    printf '%s\t%s\n' "$(date -r "$log" +%s)" "$log"
  done | sort -n | cut -f 2-
}

# The log file of ours of which something is kept, be it in what was rotated away: a file is empty after that, or since
# somebody emptied it.
kept_file() {
  for log in $log_files; do
    some=$(secure_files "$log" | while IFS= read -r one; do
      if [ -s "$one" ] && [ -r "$one" ]; then echo some; fi
    done)
    [ -z "$some" ] || { echo "$log"; return; }
  done
}

# What a file is known by when it was renamed; nothing where there is no stat(1).
inode_of() { stat -c %i "$1" 2>/dev/null; }

# Prints a log file as text, whatever it was packed with.
open_log() {
  case $1 in
    *.gz) gzip -dc "$1" ;;
    *.xz | *.lzma) xz -dc "$1" ;;
    *.bz2) bzip2 -dc "$1" ;;
    *.zst) zstd -dcq "$1" ;;
    *) cat "$1" ;;
  esac
}
