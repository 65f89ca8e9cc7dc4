# Accounts that a transaction makes or changes: how they are read and changed. plan/accounts has a line a change:
#   NUMBER create NAME SHELL GROUP,…|- password|none       NUMBER keys NAME SHA256|absent PATH
#   NUMBER lock|unlock NAME empty|locked|star|set          NUMBER shell NAME SHELL WAS|-
# and plan/account.NUMBER.add and .remove the lines of authorized_keys(5) that come and go.

# What passwd(5) and its like are, each with the copy that the system's own tools leave beside it.
ACCOUNT_FILES="passwd shadow group gshadow subuid subgid"

each_account() { # FUNCTION : calls it with NUMBER VERB NAME …
  [ -s "$CURRENT/plan/accounts" ] || return 0
  while read -r n verb name a b c; do "$1" "$n" "$verb" "$name" "$a" "$b" "$c" || return; done <"$CURRENT/plan/accounts"
}

# One field of an account of the server's own; nothing where there is none.
passwd_field() { # NAME FIELD
  name=$1 at=$2 awk -F: '$1 == ENVIRON["name"] { print $ENVIRON["at"]; exit }' "$ETC/passwd"
}

# What the password's field is, and never more of it.
password_class() { # NAME
  name=$1 awk -F: '
    $1 == ENVIRON["name"] {
      print $2 == "" ? "empty" : $2 ~ /^!/ ? "locked" : $2 ~ /^[*]/ ? "star" : "set"
      exit
    }' "$ETC/shadow"
}

# The groups that list an account as a member, beside its own, a line each.
groups_of() { # NAME
  name=$1 awk -F: '
    { n = split($4, member, ","); for (i = 1; i <= n; i++) if (member[i] == ENVIRON["name"]) { print $1; next } }' "$ETC/group"
}

mail_of() { echo "$ROOT/var/mail/$1 $ROOT/var/spool/mail/$1"; } # NAME

# --- a home is its owner's ----------------------------------------------------------------------------------------

# Runs a script as an account. What stands in its home is its own to arrange, links too, so root reads and writes nothing
# there by itself. Our locks are not for it to hold, and whoever stops what runs as himself holds up nobody for long.
as_user() { # NAME SCRIPT ARGUMENTS…
  who=$1 script=$2
  shift 2
  uid=$(passwd_field "$who" 3) gid=$(passwd_field "$who" 4)
  [ -n "$uid" ] && [ -n "$gid" ] || return
  tool=$(user_tool) shell=$(file_of sh)
  case $tool in
  */setpriv) set -- "$tool" --reuid="$uid" --regid="$gid" --clear-groups "$shell" -c "$script" hardtui "$@" ;;
  */runuser) set -- "$tool" -u "$who" -- "$shell" -c "$script" hardtui "$@" ;;
  */su) set -- "$tool" -s "$shell" "$who" -- -c "$script" hardtui "$@" ;;
  *) return 1 ;;
  esac
  # That of busybox holds what it was given for a second longer.
  limit=$(file_of timeout) || limit=timeout
  kill=
  ! "$limit" -k 1 1 true 2>/dev/null || kill="-k 2"
  # shellcheck disable=SC2086 # none or two words
  (cd / && exec "$limit" $kill 20 "$@") 2>/dev/null 8>&- 9>&-
}

# What can become somebody else here, as a path; nothing where nothing can. busybox has a setpriv that can't.
user_tool() {
  for tool in setpriv runuser su; do
    found=$(file_of "$tool") || continue
    [ "$tool" != setpriv ] || "$found" --reuid=0 --regid=0 --clear-groups true 2>/dev/null || continue
    echo "$found"
    return
  done
}

# A program's file, past what busybox's shell has of that name within itself.
file_of() { # PROGRAM
  for dir in $(printf '%s\n' "$PATH" | tr ':' ' '); do
    [ ! -x "$dir/$1" ] || { echo "$dir/$1"; return; }
  done
  return 1
}

# The head of what runs as an account: looks at a home and each place on the way to a file in it, and says what is there
# that is not plainly his. $1 home, $2 file.
# shellcheck disable=SC2016 # expanded by the inner shell
WALK='
  me=$(id -u) place=$1 rest=${2#"$1"/}
  odd() { echo "$1 $place"; exit 0; }
  look() {
    [ ! -L "$place" ] || odd link
    if [ "$1" = file ]; then [ -f "$place" ] || odd none; else [ -d "$place" ] || odd none; fi
    [ "$(stat -c %u "$place")" = "$me" ] || odd foreign
  }
  look directory
  while :; do
    place=$place/${rest%%/*}
    [ -e "$place" ] || [ -L "$place" ] || break
    case $rest in */*) look directory; rest=${rest#*/} ;; *) look file; break ;; esac
  done
'

# Says `file SECONDS`, `absent`, or what is odd, and then the bytes of the file, or of none the directories that are
# missing, children first.
# shellcheck disable=SC2016
READ_KEYS=$WALK'
  if [ -f "$2" ]; then
    echo "file $(stat -c %Y "$2")"
    exec head -c 1048577 "$2"
  fi
  echo absent
  dir=${2%/*}
  until [ -d "$dir" ]; do echo "$dir"; dir=${dir%/*}; done'

# Replaces the file by what comes in, if it has come whole ($3, its sum): beside its place and renamed, or in its place
# where the disk has no room for both. $4 is when it was changed last, or -; $5 how.
# shellcheck disable=SC2016
WRITE_KEYS=$WALK'
  umask 077
  new=$2.hardtui-new
  rm -f "$new"
  mkdir -p "${2%/*}" || exit 1
  if [ "$5" = within ]; then
    size=$6
    cat 1<>"$2" && dd if=/dev/null of="$2" bs=1 seek="$size" 2>/dev/null && [ "$(sha256sum <"$2" | cut -d " " -f 1)" = "$3" ] || exit 1
  else
    [ ! -f "$2" ] || cp -a "$2" "$new" 2>/dev/null || cp "$2" "$new" || exit 1
    cat >"$new" && [ "$(sha256sum <"$new" | cut -d " " -f 1)" = "$3" ] || { rm -f "$new"; exit 1; }
    [ "$4" = - ] || touch -d "@$4" "$new"
    sync "$new" 2>/dev/null || sync
    made=; [ -e "$2" ] || made=yes
    mv -f "$new" "$2" || exit 1
    [ -z "$made" ] || ! command -v restorecon >/dev/null 2>&1 || restorecon -R "${2%/*}" 2>/dev/null
  fi
  sync "${2%/*}" 2>/dev/null || sync
  echo written'

# The file with our lines: what is to go taken out wherever it stands, what is to come at the end. Whatever else is in it,
# and whether its last line is ended, stays as it is.
keys_changed() { # FILE OUT IN
  ended=$(tail -c 1 "$1" | wc -l)
  # The last line is ended where something follows it.
  ended=$((ended)) file=$2 awk '
    BEGIN { while ((getline line < ENVIRON["file"]) > 0) out[line] = 1 }
    !($0 in out) { printf "%s%s", (any ? "\n" : ""), $0; any = 1; last = NR }
    END { if (any && (ENVIRON["ended"] == 1 || last < NR)) printf "\n" }' "$1" >"$1.kept" || return
  cat "$1.kept" || return
  [ ! -s "$3" ] || [ ! -s "$1.kept" ] || [ "$(tail -c 1 "$1.kept" | wc -l)" -gt 0 ] || echo
  cat "$3" || return
  rm -f "$1.kept"
}

# Reads an account's file into DIRECTORY: keys.bytes, or keys.absent with the directories that are missing. Fails with the
# reason in words.
read_keys() { # NAME HOME PATH INTO
  rm -f "$4.bytes" "$4.absent" "$4.time"
  said=$(as_user "$1" "$READ_KEYS" "$2" "$3" | {
    read -r what where || exit 1
    case $what in
    file) cat >"$4.bytes" && echo "$where" >"$4.time" ;;
    absent) cat >"$4.absent" ;;
    esac || exit 1
    echo "$what $where"
  })
  case $said in
  file*)
    size=$(wc -c <"$4.bytes")
    [ "$size" -le 1048576 ] || { echo "$3 is longer than 1 MB"; return 1; }
    [ "$(tr -d '\000' <"$4.bytes" | wc -c)" = "$size" ] || { echo "$3 holds NUL bytes"; return 1; }
    ;;
  absent*) ;;
  link*) echo "${said#link } is a symbolic link"; return 1 ;;
  foreign*) echo "${said#foreign } does not belong to $1"; return 1 ;;
  none*) echo "${said#none } is not what it should be"; return 1 ;;
  *) echo "$3 can't be read as $1"; return 1 ;;
  esac
}

write_keys() { # NAME HOME PATH TEXT TIME|-
  sum=$(sum_of "$4") size=$(($(wc -c <"$4")))
  for way in beside within; do
    [ "$(as_user "$1" "$WRITE_KEYS" "$2" "$3" "$sum" "$5" "$way" "$size" <"$4")" != written ] || return 0
    [ -e "$3" ] || return
  done
  return 1
}

# --- passwords ----------------------------------------------------------------------------------------------------

# They come on the standard input of whoever starts the apply, as chpasswd(8) has them, and lie in memory until the apply
# has begun.
leave_secrets() {
  rm -f "$SPARE/secrets" && cat >"$SPARE/secrets.new" && mv -f "$SPARE/secrets.new" "$SPARE/secrets"
}
take_secrets() {
  secrets=
  [ ! -e "$SPARE/secrets" ] || secrets=$(cat "$SPARE/secrets")
  drop_secrets
}
drop_secrets() { rm -f "$SPARE/secrets" "$SPARE/secrets.new"; }

# printf is the shell's own (see checkpoint_password), so that no process has the words among its arguments.
set_password() { # NAME
  case "
$secrets" in *"
$1:"*) ;; *) fail "no password came for $1" ;; esac
  said=$(printf '%s\n' "$secrets" | grep "^$1:" | unlocked timeout 30 chpasswd 2>&1) || {
    case $said in *"$(printf '%s\n' "$secrets" | sed -n "s/^$1://p")"*) said= ;; esac
    fail "the password of $1 could not be set: $(telling_line "$said")"
  }
}

# --- apply --------------------------------------------------------------------------------------------------------

apply_account() { # NUMBER VERB NAME …
  [ -e "$CURRENT/state.armed" ] || exit 0
  alive
  case $2 in
  create) create_account "$1" "$3" "$4" "$5" "$6" ;;
  keys) apply_keys "$1" "$3" "$5" ;;
  lock | unlock)
    [ "$(password_class "$3")" = "$4" ] || fail "the password of $3 changed after arming"
    if [ "$2" = lock ]; then tell_usermod "$1" "$3" -L; else tell_usermod "$1" "$3" -U; fi
    ;;
  shell)
    [ "$(passwd_field "$3" 7)" = "${5#-}" ] || fail "the shell of $3 changed after arming"
    tell_usermod "$1" "$3" -s "$4"
    ;;
  esac
  verify_account "$@"
  echo "$3 ($2)" >>"$CURRENT/applied/steps"
}

# On the disk before anything is changed: what was not begun is never taken back.
begin_account() { # NUMBER
  { ticks_now 2>/dev/null || echo 0; } >"$CURRENT/applied/account.$1.began" || fail "no room to note that it began"
  durable "$CURRENT/applied/account.$1.began" "$CURRENT/applied"
}

tell_usermod() { # NUMBER NAME OPTIONS…
  begin_account "$1"
  shift
  who=$1
  shift
  said=$(unlocked timeout 60 usermod "$@" "$who" </dev/null 2>&1) || fail "$who could not be changed: $(telling_line "$said")"
}

create_account() { # NUMBER NAME SHELL GROUPS PASSWORD
  home=$(line_of "$CURRENT/save/account.$1.home")
  { [ -z "$(passwd_field "$2" 3)" ] && [ ! -e "$home" ] && [ ! -L "$home" ]; } || fail "the account $2, or its home, came into being after arming"
  begin_account "$1"
  number=$1 who=$2 password=$5
  set -- -m -d "${home#"$ROOT"}" -s "$3" -G "$4" "$2"
  [ "$7" != - ] || set -- "$1" "$2" "$3" "$4" "$5" "$8"
  said=$(unlocked timeout 60 useradd "$@" </dev/null 2>&1) || fail "$who could not be made: $(telling_line "$said")"
  echo "$(passwd_field "$who" 3) $(passwd_field "$who" 4)" | put "$CURRENT/applied/account.$number.made"
  durable "$CURRENT/applied/account.$number.made" "$CURRENT/applied"
  if [ -s "$CURRENT/plan/account.$number.add" ]; then
    write_keys "$who" "$home" "$home/.ssh/authorized_keys" "$CURRENT/plan/account.$number.add" - || fail "the keys of $who could not be written"
  fi
  [ "$password" = none ] || set_password "$who"
  sync
}

apply_keys() { # NUMBER NAME PATH
  save=$CURRENT/save/account.$1
  path=$(path_of "$3")
  said=$(read_keys "$2" "$(path_of "$(passwd_field "$2" 6)")" "$path" "$SPARE/keys") || fail "$said"
  keys_are_as "$save" || fail "$path changed after arming"
  begin_account "$1"
  write_keys "$2" "$(path_of "$(passwd_field "$2" 6)")" "$path" "$save.after" - || fail "$path could not be written"
}

# Whether what read_keys found last is what was saved.
keys_are_as() { # SAVED
  if [ -e "$1.absent" ]; then [ -e "$SPARE/keys.absent" ]; else cmp -s "$1.bytes" "$SPARE/keys.bytes"; fi
}

# By our own reading, whatever the tools said.
verify_account() { # NUMBER VERB NAME …
  case $2 in
  create)
    [ "$(passwd_field "$3" 7)" = "$4" ] || fail "the account $3 is not as planned: its shell"
    [ "$5" = - ] || [ "$(groups_of "$3" | sort)" = "$(printf '%s\n' "$5" | tr ',' '\n' | sort)" ] || fail "the account $3 is not as planned: its groups"
    if [ "$6" = none ]; then wanted=locked; else wanted="set"; fi
    [ "$(password_class "$3")" = "$wanted" ] || fail "the account $3 is not as planned: its password"
    [ ! -s "$CURRENT/plan/account.$1.add" ] || keys_hold "$3" "$(line_of "$CURRENT/save/account.$1.home")/.ssh/authorized_keys" "$CURRENT/plan/account.$1.add"
    ;;
  keys) keys_hold "$3" "$(path_of "$5")" "$CURRENT/save/account.$1.after" ;;
  lock) [ "$(password_class "$3")" = locked ] || fail "the password of $3 is not locked" ;;
  unlock) [ "$(password_class "$3")" != locked ] || fail "the password of $3 is still locked" ;;
  shell) [ "$(passwd_field "$3" 7)" = "$4" ] || fail "the shell of $3 is not as planned" ;;
  esac
}

keys_hold() { # NAME PATH WANTED
  said=$(read_keys "$1" "$(path_of "$(passwd_field "$1" 6)")" "$2" "$SPARE/keys") || fail "$said"
  cmp -s "$3" "$SPARE/keys.bytes" || [ ! -s "$3" ] || fail "$2 is not as planned"
  rm -f "$SPARE"/keys.*
}
