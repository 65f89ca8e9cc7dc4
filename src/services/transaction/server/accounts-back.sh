# How accounts come back. Only what this change made of them, and never what others did meanwhile; safe at any time, any
# number of times.
#
# What gives a way in back comes at once: a lock, a shell, keys that were taken out. What takes one away waits until sshd
# is as it was: an account that was made may be the only way in as long as sshd's new files are in force.

restore_accounts() { # at-once|at-last now|boot
  [ -s "$CURRENT/plan/accounts" ] || return 0
  # Memory is empty after a boot.
  mkdir -p "$SPARE" 2>/dev/null
  bad=0
  while read -r n verb name a b c; do
    : "$c"
    alive
    is_whole || return 4
    { [ -e "$CURRENT/applied/account.$n.began" ] && [ "$(turn_of "$n" "$verb")" = "$1" ]; } || continue
    case $verb in
    create) restore_created "$n" "$name" "$2" || bad=4 ;;
    keys) restore_keys "$n" "$name" "$(path_of "$b")" || bad=4 ;;
    lock | unlock) restore_field shadow "$name" 2 "$verb" "the password of $name" || bad=4 ;;
    shell) restore_field passwd "$name" 7 "$a" "the shell of $name" || bad=4 ;;
    esac
  done <"$CURRENT/plan/accounts"
  [ "$1" != at-last ] || restore_backups
  return "$bad"
}

turn_of() { # NUMBER VERB
  case $2 in
  create | unlock) echo at-last ;;
  keys) if [ -s "$CURRENT/plan/account.$1.remove" ]; then echo at-once; else echo at-last; fi ;;
  *) echo at-once ;;
  esac
}

# How far it had come is not known: what each account is now decides.
assume_accounts_began() {
  [ -s "$CURRENT/plan/accounts" ] || return 0
  while read -r n rest; do
    : "$rest"
    [ -e "$CURRENT/applied/account.$n.began" ] || echo 0 >"$CURRENT/applied/account.$n.began"
  done <"$CURRENT/plan/accounts"
}

# --- passwd(5) and its like ---------------------------------------------------------------------------------------

# As useradd(8) and its like lock them: a link named FILE.lock to a file with a living process's number. Who has it is
# waited for, and not for ever: what a rollback brings back can't wait. One that an earlier run of this left, or that is
# from before a boot, is nobody's, whatever process has that number now.
lock_accounts() {
  tries=0
  for one in $ACCOUNT_FILES; do
    own=$ETC/$one.hardtui-lock
    if [ "${when:-}" = boot ] || { [ -e "$own" ] && [ "$(line_of "$own")" = "$(line_of "$ETC/$one.lock")" ]; }; then rm -f "$ETC/$one.lock"; fi
    rm -f "$own"
    { echo $$ >"$own"; } 2>/dev/null
    [ -s "$own" ] || { rm -f "$own"; continue; }
    until ln "$own" "$ETC/$one.lock" 2>/dev/null; do
      other=$(line_of "$ETC/$one.lock")
      if [ -z "$other" ] || ! kill -0 "$other" 2>/dev/null; then rm -f "$ETC/$one.lock"; fi
      tries=$((tries + 1))
      [ "$tries" -le 50 ] || break
      [ -z "$other" ] || pause
    done
  done
}
unlock_accounts() {
  for one in $ACCOUNT_FILES; do
    [ "$(line_of "$ETC/$one.lock")" != $$ ] || rm -f "$ETC/$one.lock"
    rm -f "$ETC/$one.hardtui-lock"
  done
}

# Rewrites one of the files by an awk program that sets `changed`; nothing where it changes nothing. Beside its place and
# renamed, with owner, mode and attributes. Where that makes the very text that was saved, it is the saved file, times too.
rewrite() { # FILE PROGRAM
  place=$ETC/$1 saved=$CURRENT/save/account.$1
  rm -f "$place.hardtui-new"
  { [ -f "$place" ] && [ ! -L "$place" ]; } || return 0
  run_program "$2 END { exit !changed }" "$place" >/dev/null || return 0
  if [ -f "$saved" ] && gives "$2" "$place" "$saved"; then
    write_saved "$1"
  else
    cp -a "$place" "$place.hardtui-new" && run_program "$2" "$place" >"$place.hardtui-new" && gives "$2" "$place" "$place.hardtui-new" &&
      durable "$place.hardtui-new" && mv -f "$place.hardtui-new" "$place" && durable "$ETC"
  fi 2>/dev/null
  # A disk that is full leaves half of one.
  rm -f "$place.hardtui-new"
  ! run_program "$2 END { exit !changed }" "$place" >/dev/null || write_within "$place" "$2"
}

# The last way, on a full disk: into the room that the file has, in one write, and what is over of it then cut off; until
# that has happened it is empty lines.
write_within() { # PLACE PROGRAM
  text=$SPARE/account.new
  { run_program "$2" "$1" >"$text" && gives "$2" "$1" "$text"; } || { rm -f "$text"; return 1; }
  size=$(($(wc -c <"$text"))) old=$(($(wc -c <"$1")))
  if [ "$(((size + 4095) / 4096))" -le "$(((old + 4095) / 4096))" ]; then
    [ "$old" -le "$size" ] || dd if=/dev/zero bs="$((old - size))" count=1 2>/dev/null | tr '\000' '\n' >>"$text"
    dd if="$text" of="$1" bs=1048576 conv=notrunc 2>/dev/null && dd if=/dev/null of="$1" bs=1 seek="$size" 2>/dev/null
    durable "$1"
  fi
  rm -f "$text"
}

# The subject's name, and of a field its place, what was made of it, and where it was saved. No hash is among them: who
# sees the processes sees their environment, if he is root, and their arguments in any case.
run_program() { name=$subject at=${at:-} how=${how:-} kept=$CURRENT/save/account.${kept:-} awk -F: "$@"; }

# awk ends the last line, whether it was ended or not.
gives() { # PROGRAM FILE WANTED
  made=$(run_program "$1" "$2" | sha256sum)
  [ "$made" = "$(sha256sum <"$3")" ] || [ "$made" = "$({ cat "$3" && echo; } | sha256sum)" ]
}

# On a full disk a second name needs no room.
write_saved() { # FILE
  { cp -a "$CURRENT/save/account.$1" "$ETC/$1.hardtui-new" && cmp -s "$CURRENT/save/account.$1" "$ETC/$1.hardtui-new"; } ||
    { rm -f "$ETC/$1.hardtui-new" && ln "$CURRENT/save/account.$1" "$ETC/$1.hardtui-new"; } || return
  durable "$ETC/$1.hardtui-new" && mv -f "$ETC/$1.hardtui-new" "$ETC/$1" && durable "$ETC"
}

# The account's own line and its group's go, and its name in the others.
# shellcheck disable=SC2016 # awk's own variables
TAKE_OUT='
  BEGIN { OFS = FS }
  $1 == ENVIRON["name"] { changed = 1; next }
  {
    for (f = 3; f <= 4 && members; f++) {
      n = split($f, member, ","); left = ""; found = 0
      for (i = 1; i <= n; i++)
        if (member[i] == ENVIRON["name"]) found = 1
        else left = left (left == "" ? "" : ",") member[i]
      if (found) { $f = left; changed = 1 }
    }
    print
  }'

# One field, if it still is what was made of it: as usermod(8) does it, or the word itself. FIELD says which of it is so.
# shellcheck disable=SC2016
FIELD='
  BEGIN {
    OFS = FS; at = ENVIRON["at"]; how = ENVIRON["how"]
    while ((getline line < ENVIRON["kept"]) > 0) {
      split(line, field, ":")
      if (field[1] == ENVIRON["name"]) { old = field[at]; known = 1; break }
    }
    made = how == "lock" ? "!" old : how == "unlock" ? substr(old, 2) : how
  }
  function now_is() { return $at == old ? "old" : $at == made ? "made" : "other" }'
# shellcheck disable=SC2016
FIELD_BACK=$FIELD'
  known && $1 == ENVIRON["name"] && now_is() == "made" { $at = old; changed = 1 }
  { print }'
# shellcheck disable=SC2016
FIELD_STATE=$FIELD'
  $1 == ENVIRON["name"] { print now_is(); exit }'

restore_field() { # FILE NAME FIELD lock|unlock|WORD WORDS
  subject=$2 at=$3 how=$4 kept=$1
  case $(run_program "$FIELD_STATE" "$ETC/$1") in
  old) return 0 ;;
  other) note heed "$5 was changed by somebody else meanwhile: it stays" ;;
  made)
    lock_accounts
    rewrite "$1" "$FIELD_BACK"
    unlock_accounts
    if [ "$(run_program "$FIELD_STATE" "$ETC/$1")" = old ]; then note plain "$5 is as it was"; else
      note lost "$5 could NOT be put back"
      return 4
    fi
    ;;
  *) note heed "somebody took the account $2 away meanwhile: $5 can't be put back" ;;
  esac
}

# Times, which a tool changes that writes nothing new, and the copies that the tools leave beside the files, where nobody
# else has changed those: a rolled-back account's password must not lie there either.
restore_backups() {
  for began in "$CURRENT"/applied/account.*.began; do [ -e "$began" ] || return 0; done
  for one in $ACCOUNT_FILES; do
    cmp -s "$ETC/$one" "$CURRENT/save/account.$one" || continue
    is_saved_account "$one" || write_saved "$one" 2>/dev/null
    if [ ! -e "$CURRENT/save/account.$one-" ]; then rm -f "$ETC/$one-"; continue; fi
    is_saved_account "$one-" || write_saved "$one-" 2>/dev/null
    rm -f "$ETC/$one-.hardtui-new"
  done
}

is_saved_account() { # FILE
  cmp -s "$ETC/$1" "$CURRENT/save/account.$1" && [ "$(attributes_of "$ETC/$1")" = "$(attributes_of "$CURRENT/save/account.$1")" ]
}

# --- an account that was made -------------------------------------------------------------------------------------

# Not by userdel(8): it refuses while somebody is logged in, as the one may be who proves the change; it asks the site's
# own scripts; and where it dies in the middle this has to be done all the same.
restore_created() { # NUMBER NAME now|boot
  made=$CURRENT/applied/account.$1.made uid='' gid=''
  { read -r uid gid <"$made"; } 2>/dev/null
  found=$(passwd_field "$2" 3)
  if [ -z "$uid" ] && [ -n "$found" ]; then
    uid=$found
    { echo "$uid $gid" | put "$made" && durable "$made"; } 2>/dev/null
  fi
  if [ -n "$found" ] && [ "$found" != "$uid" ]; then
    note heed "the account $2 that is there now was made by somebody else meanwhile: it stays"
    return 0
  fi
  subject=$2
  lock_accounts
  for one in $ACCOUNT_FILES; do
    case $one in group | gshadow) program="BEGIN { members = 1 } $TAKE_OUT" ;; *) program=$TAKE_OUT ;; esac
    rewrite "$one" "$program"
    rewrite "$one-" "$program"
  done
  unlock_accounts
  if grep -qs "^$2:" "$ETC/passwd" "$ETC/shadow" "$ETC/group" "$ETC/gshadow"; then
    note lost "the account $2 could NOT be taken out: remove it with userdel"
    return 4
  fi
  ! command -v nscd >/dev/null 2>&1 || { nscd -i passwd && nscd -i group; } >/dev/null 2>&1
  # Nobody comes in any more; who is in is told to go.
  [ "$3" = boot ] || end_processes "$uid" "$(line_of "$CURRENT/applied/account.$1.began")"
  set_mail_aside "$1" "$2"
  set_home_aside "$1" "$2" "$uid"
}

# Everything that an account runs here: not what a container's own user of that number does, nor what was there before the
# account was. Whoever rolls back is root.
processes_of() { # UID TICKS
  here=$(readlink "$PROC/self/ns/pid")
  grep -l "^Uid:[[:space:]]*$1[[:space:]]" "$PROC"/[0-9]*/status 2>/dev/null | while read -r status; do
    dir=${status%/status}
    { [ "$(readlink "$dir/ns/pid")" = "$here" ] && began=$(began_at "$dir/stat") && [ "$began" -ge "$2" ]; } || continue
    echo "${dir##*/}"
  done
}

# Field 22 of proc(5)'s stat; the second one, a name, may hold anything.
began_at() { # STAT-FILE
  { read -r stat <"$1"; } 2>/dev/null || return
  # shellcheck disable=SC2086 # split into fields
  set -- ${stat##*) }
  # One that has ended, and that nobody has asked about yet, has it too.
  [ "$1" != Z ] && echo "${20}"
}

end_processes() { # UID TICKS
  [ "${1:-0}" -gt 0 ] 2>/dev/null || return 0
  for signal in TERM KILL KILL KILL; do
    for wait in 1 2 3 4 5; do
      running=$(processes_of "$1" "${2:-0}")
      [ -n "$running" ] || return 0
      # shellcheck disable=SC2086 # a list of numbers
      [ "$wait" != 1 ] || kill -s "$signal" $running 2>/dev/null
      pause
    done
  done
}

set_mail_aside() { # NUMBER NAME
  for spool in $(mail_of "$2"); do
    { [ -f "$spool" ] && [ ! -L "$spool" ]; } || continue
    grep -qxF "$spool" "$CURRENT/save/account.$1.mail" 2>/dev/null || mv -f "$spool" "$CURRENT/mail.$2" 2>/dev/null
  done
}

# Into the record, whole, by one rename, or copied first where that is another file system. Where the record has no room it
# stays beside its place, as root's: the account's number goes to the next one that is made.
set_home_aside() { # NUMBER NAME UID
  home=$(line_of "$CURRENT/save/account.$1.home") aside=$CURRENT/home.$2
  if [ ! -e "$home" ] && [ ! -L "$home" ]; then
    kept=
    [ ! -e "$aside" ] || kept=": its home is in the record as home.$2"
    note plain "the account $2 is gone again$kept"
    return 0
  fi
  owner=$(stat -c %u "$home")
  if [ "$owner" != "${3:-0}" ] && [ "$owner" != 0 ]; then
    note heed "the account $2 is gone again; $home belongs to somebody else and stays"
    return 0
  fi
  if [ "$DIR" != "$SPARE" ] && [ "$(stat -c %d "$home")" = "$(stat -c %d "$CURRENT")" ]; then
    [ -e "$aside" ] || mv "$home" "$aside" 2>/dev/null
  elif [ "$DIR" != "$SPARE" ]; then
    rm -rf "$aside.part"
    [ -e "$aside" ] || { cp -a "$home" "$aside.part" && sync && mv "$aside.part" "$aside"; } 2>/dev/null
    rm -rf "$aside.part"
    [ ! -e "$aside" ] || rm -rf "$home" 2>/dev/null
  fi
  if [ -e "$home" ] || [ -L "$home" ]; then
    beside=$home.hardtui-$(line_of "$CURRENT/meta/id")
    { [ ! -e "$beside" ] && mv "$home" "$beside" && chown -h 0:0 "$beside" && chmod 700 "$beside"; } 2>/dev/null
    note heed "the account $2 is gone again; the record had no room for its home, which is $beside now"
  else
    note plain "the account $2 is gone again: its home is in the record as home.$2"
  fi
  durable "${home%/*}" "$CURRENT"
}

# --- keys ---------------------------------------------------------------------------------------------------------

# shellcheck disable=SC2016 # expanded by the inner shell
REMOVE_KEYS=$WALK'
  rm -f "$2" "$2.hardtui-new"
  shift 2
  for dir; do rmdir "$dir" 2>/dev/null; done'

restore_keys() { # NUMBER NAME PATH
  save=$CURRENT/save/account.$1 plan=$CURRENT/plan/account.$1 now=$SPARE/keys
  [ -n "$(passwd_field "$2" 3)" ] || { note heed "somebody took the account $2 away meanwhile: its keys can't be put back"; return 0; }
  home=$(path_of "$(passwd_field "$2" 6)")
  # shellcheck disable=SC2016 # expanded by the inner shell
  as_user "$2" 'rm -f "$1"' "$3.hardtui-new"
  said=$(read_keys "$2" "$home" "$3" "$now") || { note lost "$3 could NOT be put back: $said"; return 4; }
  ! keys_are_as "$save" || return 0
  if cmp -s "$now.bytes" "$save.after"; then put_keys_back "$@"; else merge_keys "$@"; fi
  bad_keys=$?
  rm -f "$now".*
  return "$bad_keys"
}

put_keys_back() { # NUMBER NAME PATH
  if [ -e "$save.absent" ]; then
    # shellcheck disable=SC2046 # directories without blanks: their file's path has none
    as_user "$2" "$REMOVE_KEYS" "$home" "$3" $(cat "$save.absent")
  else
    write_keys "$2" "$home" "$3" "$save.bytes" "$(line_of "$save.time")" || link_keys "$2" "$3"
  fi
  if read_keys "$2" "$home" "$3" "$now" >/dev/null && keys_are_as "$save"; then note plain "$3 as it was"; else
    note lost "$3 could NOT be put back"
    return 4
  fi
}

# On a disk that is full, where a second name needs no room: the saved file itself becomes the account's. By root, and in
# no other directory than one of its own, whatever leads there; neither ln(1) nor mv(1) follows what stands in it.
link_keys() ( # NAME PATH
  cd "${2%/*}" 2>/dev/null && [ "$(stat -c %u .)" = "$(passwd_field "$1" 3)" ] || exit 1
  name=${2##*/}
  rm -f "./$name.hardtui-new"
  chown "$(passwd_field "$1" 3):$(passwd_field "$1" 4)" "$save.bytes" && chmod 600 "$save.bytes" &&
    ln "$save.bytes" "./$name.hardtui-new" && mv -f "./$name.hardtui-new" "./$name"
) 2>/dev/null

# Somebody wrote it too: only our own lines go, and those that we took out come back.
merge_keys() { # NUMBER NAME PATH
  was=$save.bytes
  [ -e "$was" ] || was=/dev/null
  [ -e "$now.bytes" ] || : >"$now.bytes"
  lines_of "$plan.add" without "$was" >"$now.out"
  lines_of "$plan.remove" within "$was" >"$now.ours" && lines_of "$now.ours" without "$now.bytes" >"$now.in"
  keys_changed "$now.bytes" "$now.out" "$now.in" >"$now.goal" || { note lost "$3 could NOT be put back"; return 4; }
  if ! cmp -s "$now.goal" "$now.bytes"; then
    write_keys "$2" "$home" "$3" "$now.goal" - || { note lost "$3 could NOT be put back"; return 4; }
  fi
  note heed "$3 had been changed by somebody else meanwhile: only what this change had done to it was taken back"
}

lines_of() { # FILE within|without OTHER
  [ -e "$1" ] || return 0
  other=$3 how=$2 awk '
    BEGIN { while ((getline line < ENVIRON["other"]) > 0) known[line] = 1 }
    ($0 in known) == (ENVIRON["how"] == "within")' "$1"
}
