# What is proved of accounts before anything is armed: that they are as they were read, and that all can be put back.

checkpoint_account() { # NUMBER VERB NAME …
  save_account_files
  save=$CURRENT/save/account.$1
  case $2 in
  create) checkpoint_created "$1" "$3" "$4" "$5" "$6" ;;
  keys) checkpoint_keys "$1" "$3" "$4" "$(path_of "$5")" ;;
  lock | unlock)
    is_account "$3"
    now=$(password_class "$3")
    [ "$now" = "$4" ] || refuse drift "the password of $3 is $(class_words "$now"), and was $(class_words "$4") when it was read"
    ;;
  shell)
    is_account "$3"
    now=$(passwd_field "$3" 7)
    [ "$now" = "${5#-}" ] || refuse drift "the shell of $3 is ${now:-/bin/sh}, and was $5 when it was read"
    is_shell "$4"
    ;;
  esac
}

class_words() { # CLASS
  case $1 in empty) echo "not asked for" ;; star) echo "none that matches" ;; locked | set) echo "$1" ;; *) echo "in no shadow file" ;; esac
}

is_account() { # NAME
  [ -n "$(passwd_field "$1" 3)" ] || refuse drift "this server has no account $1 of its own"
}

is_shell() { # PATH
  { [ -f "$ROOT$1" ] && [ -x "$ROOT$1" ]; } || refuse drift "there is no shell $1 on this server"
}

# Whole, byte for byte, with owner, mode and attributes: a folder of root's alone keeps them.
save_account_files() {
  [ ! -e "$CURRENT/save/account.saved" ] || return 0
  [ -f "$ETC/shadow" ] || refuse checkpoint "this server keeps its passwords elsewhere than in a shadow file"
  for one in $ACCOUNT_FILES; do
    for file in "$one" "$one-"; do
      [ -e "$ETC/$file" ] || [ -L "$ETC/$file" ] || continue
      { [ -f "$ETC/$file" ] && [ ! -L "$ETC/$file" ]; } || refuse checkpoint "$ETC/$file is not a plain file"
      saved=$CURRENT/save/account.$file
      { cp -a "$ETC/$file" "$saved" && cmp -s "$ETC/$file" "$saved" && [ "$(attributes_of "$ETC/$file")" = "$(attributes_of "$saved")" ]; } 2>/dev/null ||
        refuse disk "$ETC/$file can't be saved with its owner, mode, times and attributes"
    done
  done
  touch "$CURRENT/save/account.saved" || refuse disk "no room for the checkpoint"
}

# A home that is there already holds what somebody may have prepared for whoever comes, so none is moved into.
checkpoint_created() { # NUMBER NAME SHELL GROUPS PASSWORD
  for file in passwd shadow group gshadow; do
    ! grep -qs "^$2:" "$ETC/$file" || refuse drift "there is an account or a group $2 on this server already"
  done
  [ -n "$ROOT" ] || ! getent passwd "$2" >/dev/null 2>&1 || refuse drift "there is an account $2 already, which is not of this server's own files"
  [ "$4" = - ] || for group in $(printf '%s\n' "$4" | tr ',' ' '); do
    grep -q "^$group:" "$ETC/group" || refuse drift "there is no group $group on this server"
  done
  is_shell "$3"
  base=$(useradd -D 2>/dev/null | sed -n 's/^HOME=//p')
  base=$(path_of "${base:-/home}")
  [ -d "$base" ] || refuse checkpoint "$base, where homes are made, is no directory"
  { [ ! -e "$base/$2" ] && [ ! -L "$base/$2" ]; } || refuse drift "$base/$2 is there already, and is not to become somebody's home"
  echo "$base/$2" >"$save.home" || refuse disk "no room for the checkpoint"
  for spool in $(mail_of "$2"); do [ ! -e "$spool" ] || echo "$spool" >>"$save.mail"; done
  [ ! -s "$CURRENT/plan/account.$1.add" ] || is_able
  [ "$5" != password ] || checkpoint_password
}

# Who can't become another account can't write into a home of its.
is_able() { [ -n "$(user_tool)" ] || refuse tools "the server lacks setpriv, runuser and su, one of which it takes to write as another user"; }

checkpoint_password() {
  # A shell that starts a program for it would show every process what it prints.
  case $(command -v printf) in */*) refuse tools "the server's sh has no printf of its own, so a password would be seen among the processes" ;; esac
  [ -n "$ROOT" ] || case $(df -P "$SPARE" | awk 'NR == 2 { print $1 }') in
  tmpfs | ramfs) ;;
  *) refuse disk "$SPARE is not in memory, and a password would be left on the disk" ;;
  esac
}

# Where sshd looks, if that is in his home and nothing on the way leads elsewhere or is somebody else's.
checkpoint_keys() { # NUMBER NAME SUM|absent PATH
  is_account "$2"
  is_able
  home=$(path_of "$(passwd_field "$2" 6)")
  case $4 in "$home"/*) ;; *) refuse checkpoint "$4 is not in the home of $2: it is to be changed as a file" ;; esac
  said=$(read_keys "$2" "$home" "$4" "$save") || refuse checkpoint "$said"
  if [ -e "$save.absent" ]; then now=absent was=/dev/null; else now=$(sum_of "$save.bytes") was=$save.bytes; fi
  case $3:$now in
  absent:absent | "$now:$now") ;;
  absent:*) refuse drift "$4 came into being since it was read" ;;
  *:absent) refuse drift "$4 was removed since it was read" ;;
  *) refuse drift "$4 changed since it was read" ;;
  esac
  { cat "$was" >"$save.now" && keys_changed "$save.now" "$CURRENT/plan/account.$1.remove" "$CURRENT/plan/account.$1.add" >"$save.after"; } ||
    refuse disk "no room for the checkpoint"
  rm -f "$save.now"
}

# --- sudo ---------------------------------------------------------------------------------------------------------

# By sudo's own program, over /etc/sudoers.d in a mount namespace of its own.
check_sudoers() {
  program=$(file_of visudo || file_of visudo-rs) || refuse tools "the server lacks visudo"
  said=$("$program" -c 2>&1) || refuse checkpoint "sudo's configuration is broken already: $(telling_line "$said")"
  candidate=$CURRENT/save/sudoers.candidate
  { mkdir "$candidate" && cp -a "$ETC/sudoers" "$candidate/sudoers"; } || refuse disk "no room for the rehearsal"
  [ ! -d "$ETC/sudoers.d" ] || cp -a "$ETC/sudoers.d" "$candidate/sudoers.d" || refuse disk "no room for the rehearsal"
  read_there=
  while read -r n verb base path; do
    path=$(path_of "$path")
    case $path in "$ETC"/sudoers.d/* | "$ETC/sudoers") tried=$candidate/${path#"$ETC"/} ;; *) continue ;; esac
    if [ "$verb" = remove ]; then rm -f "$tried"; continue; fi
    case ${path##*/}:$path in
    *.*:*/sudoers.d/* | *~:*/sudoers.d/*) refuse rules "sudo passes over $path: its name has a dot or ends in ~" ;;
    esac
    [ -d "${tried%/*}" ] || refuse rules "sudo does not read $path on this server"
    if [ -e "$tried" ]; then fresh=; else fresh=$(mode_of "$n"); fi
    { cat "$CURRENT/plan/file.$n" >"$tried" && { [ -z "$fresh" ] || chmod "$fresh" "$tried"; }; } || refuse disk "no room for the rehearsal"
    read_there="$read_there $path"
  done <"$CURRENT/plan/files"
  said=$(by_sudoers "$program" -c 2>&1)
  status=$?
  rm -rf "$candidate"
  [ "$status" = 0 ] || refuse rules "sudo refuses the change: $(telling_line "$said")"
  # It names each file that it reads; sudo-rs names but the first.
  case $program in */visudo) ;; *) return 0 ;; esac
  for path in $read_there; do
    printf '%s\n' "$said" | grep -qF "$path: " || refuse rules "sudo does not read $path on this server"
  done
}

# shellcheck disable=SC2016 # expanded by the inner shell
by_sudoers() {
  unshare -m sh -c '
    mount --bind "$1/sudoers" "$2/sudoers" || exit
    [ ! -d "$1/sudoers.d" ] || mount --bind "$1/sudoers.d" "$2/sudoers.d" || exit
    shift 2 && exec "$@"' sudoers \
    "$candidate" "$ETC" "$@"
}
