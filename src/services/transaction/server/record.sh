# What stays of a transaction: a folder in history named ID.OUTCOME, which the console lists and can undo later.

# The folder of a transaction that ended. Where the history took none, it stands beside it, or but its name in memory.
record_of() { # ID
  for one in "$DIR/history/$1".* "$DIR/ended.$1".* "$SPARE/history/$1".* "$SPARE/ended.$1".*; do
    [ -d "$one" ] && { echo "$one"; return; }
  done
  return 1
}

# Where a transaction that is no longer current ended.
ended_as() { # ID
  if [ -n "$1" ] && record=$(record_of "$1"); then echo "${record##*.}"; else echo unknown; fi
}

# What came of a transaction that somebody else has restored, and may still be putting on record, as if it had been done here;
# fails where nobody has. Sets `ended`: 4 where something was lost.
tell_restored() { # ID
  tries=0
  while [ "$tries" -lt 100 ] && [ -e "$CURRENT/state.reverted" ] && mine "$1"; do
    pause
    tries=$((tries + 1))
  done
  case $(ended_as "$1") in rolled-back*) ;; *) return 1 ;; esac
  say "rolled-back $1"
  tell_result "$1"
  ended=0
  ! grep -qs '^lost ' "$(record_of "$1")/result" || ended=4
}

# All of them, newest first. They are numbered, for a clock may be set and a folder touched; those of older releases are not.
records() {
  {
    grep -s '' /dev/null "$DIR"/history/*/meta/number "$DIR"/ended.*/meta/number |
      sed -n 's|^\(.*\)/meta/number:\([0-9]*\)$|\2 \1|p' | sort -rn | sed 's/^[0-9]* //'
    # shellcheck disable=SC2012 # our own names, without spaces
    ls -td "$DIR"/history/*.* "$DIR"/ended.* 2>/dev/null
  } | awk '!seen[$0]++'
}

next_number() {
  last=$(records | head -n 1)
  last=$(line_of "$last/meta/number")
  echo "$((${last:-0} + 1))"
}

archive() { # OUTCOME
  id=$(line_of "$CURRENT/meta/id")
  [ -n "$id" ] || id=unknown
  {
    next_number >"$CURRENT/meta/number"
    date +%Y-%m-%dT%H:%M:%S%z >"$CURRENT/meta/ended"
    uptime_cs >"$CURRENT/meta/ended.uptime"
  } 2>/dev/null
  stop_triggers "$id"
  part_shared_files
  forget_passwords
  rm -f "$CURRENT/save/reserve" "$DIR"/drill.*
  # The copy in memory goes first: it would bring back what has ended. Moving the directory is what frees the host for the
  # next transaction. The boot guard goes last: until here a power cut leaves it something to finish.
  drop_spare
  to_history "$id.$1"
  durable "$DIR" "$DIR/history"
  remove_boot_guard
  prune_history
}

# Hashes are of no use to an undo. Where an account could not be put back, a person may need its old line.
forget_passwords() {
  grep -qs '^lost' "$CURRENT/result" || rm -f "$CURRENT"/save/account.shadow* "$CURRENT"/save/account.gshadow*
}

# How a change ended is never lost to a folder that is full, missing, locked or no folder.
to_history() { # NAME
  [ -d "$DIR/history" ] || { rm -f "$DIR/history.odd" && mv -f "$DIR/history" "$DIR/history.odd"; } 2>/dev/null
  mkdir -p "$DIR/history" 2>/dev/null
  [ -e "$DIR/history/$1" ] || ! mv "$CURRENT" "$DIR/history/$1" 2>/dev/null || return 0
  [ -e "$DIR/ended.$1" ] || ! mv "$CURRENT" "$DIR/ended.$1" 2>/dev/null || return 0
  mkdir -p "$SPARE/ended.$1"
  cp "$CURRENT/result" "$SPARE/ended.$1/" 2>/dev/null
  log "the record of $1 could not be kept in $DIR/history"
  rm -rf "$CURRENT"
}

# The newest twenty can be undone; the newest two hundred are remembered.
prune_history() {
  records | awk 'NR > 20 { print (NR > 200 ? "drop" : "slim"), $0 }' | while read -r what one; do
    if [ "$what" = drop ]; then rm -rf "$one"; else rm -rf "$one/save" "$one/plan/"*.delta; fi
  done
}

# One line a transaction, newest first, each followed by what it changed and what was said at its end.
list_history() {
  # shellcheck disable=SC2030
  records | head -n 200 | while read -r record; do
    one=${record##*/}
    one=${one#ended.}
    undo=no
    [ "${one##*.}" = confirmed ] && [ -d "$record/save" ] && undo=yes
    say "record ${one%%.*} ${one##*.} $(field day) $(field ended) $(field owner) $(field from) $undo"
    sed 's/^/@summary /' "$record/plan/summary" 2>/dev/null
    [ ! -s "$record/meta/kept" ] || say "kept $(line_of "$record/meta/kept")"
    [ ! -s "$record/meta/taken" ] || say "note heed taken over from $(tail -n 1 "$record/meta/taken")"
    [ ! -s "$record/meta/unproven" ] || say "note heed $(line_of "$record/meta/unproven")"
    [ ! -s "$record/applied/failed" ] || say "note failed $(line_of "$record/applied/failed")"
    sed 's/^/@note /' "$record/result" 2>/dev/null
  done
  return 0
}

# shellcheck disable=SC2031 # called where it is set
field() { value=$(line_of "$record/meta/$1") && echo "${value:--}"; }

# A file's bytes as they are; as a line of text it would lose what is not UTF-8, and whether its last line is ended.
say_bytes() { # WORD NUMBER FILE
  bytes=$(base64 <"$3") || return
  [ -z "$bytes" ] || printf '%s\n' "$bytes" | sed "s/^/@$1 $2 /"
}

# What became of each file; fails where one can't be read.
# shellcheck disable=SC2031 # called where it is set
record_files() {
  while read -r n verb base path; do
    : "$base"
    say "file $n $verb $path"
    if [ -e "$record/save/file.$n.absent" ]; then say "absent $n"
    elif [ -e "$record/save/file.$n" ]; then say_bytes was-bytes "$n" "$record/save/file.$n" || return
    fi
    [ "$verb" = remove ] || say_bytes now-bytes "$n" "$record/plan/file.$n" || return
  done <"$record/plan/files"
}

# shellcheck disable=SC2031 # called where it is set
record_accounts() {
  sed 's/^/@account /' "$record/plan/accounts"
  for what in add remove; do
    for lines in "$record"/plan/account.*."$what"; do
      [ ! -e "$lines" ] || { n=${lines%."$what"} && say_bytes "$what-bytes" "${n##*.}" "$lines"; } || return
    done
  done
}

# Everything it takes to see one transaction's difference and to make the change that undoes it.
show_record() { # ID
  record=$(record_of "$1")
  [ -d "$record/plan" ] || { say "gone $1"; return 1; }
  say "record $1 ${record##*.}"
  [ ! -e "$record/plan/version" ] || say "version $(line_of "$record/plan/version")"
  for one in v4 v6; do
    [ -s "$record/plan/$one.touches" ] || continue
    sed "s/^/@touch $one /" "$record/plan/$one.touches"
    sed "s/^/@base $one /" "$record/plan/$one.base"
    sed "s/^/@planned $one /" "$record/plan/$one.planned"
  done
  if [ -s "$record/plan/files" ] || [ -s "$record/plan/accounts" ]; then
    command -v base64 >/dev/null 2>&1 || { say "unread the server lacks base64"; return 1; }
  fi
  [ ! -s "$record/plan/accounts" ] || record_accounts || { say "unread the accounts can't be read"; return 1; }
  if [ -s "$record/plan/files" ]; then
    record_files || { say "unread the text of ${path:-a file} can't be read"; return 1; }
  fi
  sed 's/^/@unit /' "$record/plan/units" 2>/dev/null
  say "end $1"
}
