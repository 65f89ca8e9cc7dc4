#!/bin/sh
# Stands in for useradd(8), userdel(8), usermod(8) and chpasswd(8), in the files of the practice server.
# shellcheck disable=SC2016 # awk's
tool=${0##*/}
etc=$HARDTUI_ROOT/etc
say() { echo "$tool: $*" >&2; }
[ "${HARDTUI_AS:-0}" = 0 ] || { say 'Permission denied.'; say 'cannot lock /etc/passwd; try again later.'; exit 1; }

# The copy that the system's own tools leave beside each file that they change.
keep() { for file; do [ ! -e "$etc/$file" ] || cp -p "$etc/$file" "$etc/$file-"; done; }

change() { # FILE AWK-PROGRAM : a line at a time, with $name and $value
  name=$name value=${value:-} awk -F: -v OFS=: "$2 { print }" "$etc/$1" >"$etc/$1.new" && cat "$etc/$1.new" >"$etc/$1" && rm "$etc/$1.new"
}

exists() { grep -q "^$1:" "$etc/passwd"; } # NAME

number() { # FILE : the first that is free, of those for people
  awk -F: '$3 >= 1000 && $3 < 60000 && $3 >= next_one { next_one = $3 + 1 } END { print next_one ? next_one : 1000 }' "$etc/$1"
}

join_groups() { # NAMES
  for value in $(printf '%s\n' "$1" | tr , ' '); do
    change group '$1 == ENVIRON["value"] && index("," $4 ",", "," ENVIRON["name"] ",") == 0 { $4 = $4 ($4 == "" ? "" : ",") ENVIRON["name"] }'
    change gshadow '$1 == ENVIRON["value"] && index("," $4 ",", "," ENVIRON["name"] ",") == 0 { $4 = $4 ($4 == "" ? "" : ",") ENVIRON["name"] }'
  done
}

add() {
  home='' shell=/bin/sh groups='' make=''
  while [ $# -gt 0 ]; do
    case $1 in
    -D) printf 'GROUP=100\nHOME=/home\nINACTIVE=-1\nEXPIRE=\nSHELL=/bin/sh\nSKEL=/etc/skel\nCREATE_MAIL_SPOOL=no\n'; exit 0 ;;
    -m) make=yes ;;
    -d) home=$2 && shift ;;
    -s) shell=$2 && shift ;;
    -G) groups=$2 && shift ;;
    -*) say "$1 is not known here"; exit 2 ;;
    *) name=$1 ;;
    esac
    shift
  done
  home=${home:-/home/$name}
  case $name in '' | *[!a-z0-9_-]* | [!a-z_]*) say "invalid user name '$name'"; exit 3 ;; esac
  ! exists "$name" || { say "user '$name' already exists"; exit 9; }
  ! grep -q "^$name:" "$etc/group" || { say "group $name exists - if you want to add this user to that group, use -g."; exit 9; }
  for group in $(printf '%s\n' "$groups" | tr , ' '); do
    grep -q "^$group:" "$etc/group" || { say "group '$group' does not exist"; exit 6; }
  done
  keep passwd shadow group gshadow
  uid=$(number passwd) gid=$(number group)
  echo "$name:x:$gid:" >>"$etc/group"
  echo "$name:!::" >>"$etc/gshadow"
  echo "$name:x:$uid:$gid::$home:$shell" >>"$etc/passwd"
  echo "$name:!:$(($(date +%s) / 86400)):0:99999:7:::" >>"$etc/shadow"
  join_groups "$groups"
  [ -z "$make" ] || (umask 077 && mkdir -p "$HARDTUI_ROOT$home")
}

delete() {
  with_home=
  while [ $# -gt 1 ]; do
    case $1 in -r) with_home=yes ;; -f) ;; *) say "$1 is not known here"; exit 2 ;; esac
    shift
  done
  name=$1
  exists "$name" || { say "user '$name' does not exist"; exit 6; }
  home=$(awk -F: -v name="$name" '$1 == name { print $6 }' "$etc/passwd")
  keep passwd shadow group gshadow
  for file in passwd shadow group gshadow; do change "$file" '$1 == ENVIRON["name"] { next }'; done
  for file in group gshadow; do
    change "$file" '{ n = split($4, member, ","); $4 = ""; for (i = 1; i <= n; i++) if (member[i] != ENVIRON["name"]) $4 = $4 ($4 == "" ? "" : ",") member[i] }'
  done
  case $with_home:$home in yes:/home/?*) rm -rf "${HARDTUI_ROOT:?}$home" ;; esac
}

modify() {
  shell='' lock='' groups='' append=''
  while [ $# -gt 1 ]; do
    case $1 in
    -s) shell=$2 && shift ;;
    -L | -U) lock=$1 ;;
    -a) append=yes ;;
    -G) groups=$2 && shift ;;
    -aG) append=yes groups=$2 && shift ;;
    *) say "$1 is not known here"; exit 2 ;;
    esac
    shift
  done
  name=$1
  exists "$name" || { say "user '$name' does not exist"; exit 6; }
  [ -z "$groups" ] || [ -n "$append" ] || { say '-G without -a is not known here'; exit 2; }
  keep passwd shadow
  value=$shell
  [ -z "$shell" ] || change passwd '$1 == ENVIRON["name"] { $7 = ENVIRON["value"] }'
  case $lock in
  -L) change shadow '$1 == ENVIRON["name"] && $2 !~ /^!/ { $2 = "!" $2 }' ;;
  -U) change shadow '$1 == ENVIRON["name"] { sub(/^!/, "", $2) }' ;;
  esac
  [ -z "$groups" ] || join_groups "$groups"
}

set_passwords() {
  hashed=$("$HARDTUI_ROOT/bin/tool" hash-passwords) || exit
  keep shadow
  printf '%s\n' "$hashed" | while IFS=: read -r name value; do change shadow '$1 == ENVIRON["name"] { $2 = ENVIRON["value"] }'; done
}

case $tool in
useradd) add "$@" ;;
userdel) delete "$@" ;;
usermod) modify "$@" ;;
chpasswd) set_passwords ;;
esac
