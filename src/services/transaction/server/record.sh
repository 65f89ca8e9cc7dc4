# What stays of a transaction: a folder in history named ID.OUTCOME, which the console lists and can undo later.

# Where a transaction that is no longer current ended.
ended_as() { # ID
  for one in "$DIR/history/$1".*; do
    [ -d "$one" ] && { echo "${one##*.}"; return; }
  done
  echo unknown
}

archive() { # OUTCOME
  id=$(line_of "$CURRENT/meta/id")
  mkdir -p "$DIR/history"
  date +%Y-%m-%dT%H:%M:%S%z >"$CURRENT/meta/ended" 2>/dev/null
  uptime_cs >"$CURRENT/meta/ended.uptime" 2>/dev/null
  stop_triggers "$id"
  part_shared_files
  rm -f "$CURRENT/save/reserve" "$DIR"/drill.*
  # Moving the directory is what frees the host for the next transaction. The boot guard goes last: until here a power
  # cut leaves it something to finish.
  mv "$CURRENT" "$DIR/history/${id:-unknown}.$1" 2>/dev/null || rm -rf "$CURRENT"
  durable "$DIR" "$DIR/history"
  remove_boot_guard
  prune_history
}

# The newest twenty can be undone; the newest two hundred are remembered.
prune_history() {
  # shellcheck disable=SC2012 # our own names, without spaces
  ls -t "$DIR/history" 2>/dev/null | awk 'NR > 20 { print (NR > 200 ? "drop" : "slim"), $0 }' | while read -r what one; do
    if [ "$what" = drop ]; then rm -rf "${DIR:?}/history/$one"; else rm -rf "$DIR/history/$one/save" "$DIR/history/$one/plan/"*.delta; fi
  done
}

# One line a transaction, newest first, each followed by what it changed and what was said at its end.
list_history() {
  # shellcheck disable=SC2012
  ls -t "$DIR/history" 2>/dev/null | head -n 200 | while read -r one; do
    # shellcheck disable=SC2030
    record=$DIR/history/$one
    undo=no
    [ "${one##*.}" = confirmed ] && [ -d "$record/save" ] && undo=yes
    say "record ${one%%.*} ${one##*.} $(field day) $(field ended) $(field owner) $(field from) $undo"
    sed 's/^/@summary /' "$record/plan/summary" 2>/dev/null
    [ ! -s "$record/meta/taken" ] || say "note taken over from $(tail -n 1 "$record/meta/taken")"
    [ ! -s "$record/meta/unproven" ] || say "note $(line_of "$record/meta/unproven")"
    [ ! -s "$record/applied/failed" ] || say "note $(line_of "$record/applied/failed")"
    sed 's/^/@note /' "$record/result" 2>/dev/null
  done
  return 0
}

# shellcheck disable=SC2031 # called where it is set
field() { value=$(line_of "$record/meta/$1") && echo "${value:--}"; }

# Everything it takes to see one transaction's difference and to make the change that undoes it.
show_record() { # ID
  for record in "$DIR/history/$1".*; do
    [ -d "$record/plan" ] || { say "gone $1"; return 1; }
    say "record $1 ${record##*.}"
    for one in v4 v6; do
      [ -s "$record/plan/$one.touches" ] || continue
      sed "s/^/@touch $one /" "$record/plan/$one.touches"
      sed "s/^/@base $one /" "$record/plan/$one.base"
      sed "s/^/@planned $one /" "$record/plan/$one.planned"
    done
    [ ! -s "$record/plan/files" ] || while read -r n verb base path; do
      : "$base"
      say "file $n $verb $path"
      if [ -e "$record/save/file.$n.absent" ]; then say "absent $n"; else sed "s/^/@was $n /" "$record/save/file.$n" 2>/dev/null; fi
      [ "$verb" = remove ] || sed "s/^/@now $n /" "$record/plan/file.$n"
    done <"$record/plan/files"
    sed 's/^/@unit /' "$record/plan/units" 2>/dev/null
    say "end $1"
    return 0
  done
}
