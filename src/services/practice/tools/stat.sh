#!/bin/sh
# stat(1). Everything here belongs to whoever runs this program, and nothing can be given away: on the practice server what
# stands in a home is its account's, and all else is root's. Its / is nobody else's on this machine, and everybody's there.
real=$(PATH=${PATH#*:}; command -v stat)
follow='' format=''
while [ $# -gt 0 ]; do
  case $1 in
  -L) follow=-L ;;
  -c) format=$2 && shift ;;
  --) shift; break ;;
  *) break ;;
  esac
  shift
done
case $format in *%[afuUgG]*) ;; *) exec "$real" ${follow:+"$follow"} ${format:+-c "$format"} "$@" ;; esac

owner_of() { # PATH : sets uid, user, gid, group
  uid=0 user=root gid=0 group=root place=$1
  case $place in /*) ;; . | ./*) place=$PWD${place#.} ;; *) place=$PWD/$place ;; esac
  [ -z "$follow" ] || [ ! -L "$place" ] || place=$(readlink -f "$place")
  case $place in "$HARDTUI_ROOT"/home/?*) ;; *) return ;; esac
  home=${place#"$HARDTUI_ROOT"/home/}
  home=/home/${home%%/*}
  while IFS=: read -r name _ number main _ where _; do
    [ "$where" != "$home" ] || { uid=$number user=$name gid=$main group=$(id -gn "$name"); return; }
  done <"$HARDTUI_ROOT/etc/passwd"
}

put_in() { # SIGN WORD : in place of the sign in $made
  while :; do
    case $made in *"$1"*) made=${made%%"$1"*}$2${made#*"$1"} ;; *) break ;; esac
  done
}

status=0
for path; do
  made=$format
  case $path in
  /*) case $path in "$HARDTUI_ROOT" | "$HARDTUI_ROOT"/*) own=yes ;; *) own= ;; esac ;;
  *) own=yes ;;
  esac
  if [ -n "$own" ]; then
    owner_of "$path"
    put_in %u "$uid"
    put_in %U "$user"
    put_in %g "$gid"
    put_in %G "$group"
    case $path in
    "$HARDTUI_ROOT")
      put_in %a 755
      put_in %f 41ed
      ;;
    esac
  fi
  "$real" ${follow:+"$follow"} -c "$made" "$path" || status=1
done
exit "$status"
