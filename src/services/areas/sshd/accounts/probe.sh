# shellcheck shell=sh
# shellcheck disable=SC2154 # authorized_keys_file and host_keys may be set by what stands in front of this text
# Prints the accounts of the server, the keys that sshd would look at for each, the modes of the files all of this rests
# on, and who may become root by sudo(8). A password's hash stays on the server: only its kind is printed.
#
# Users choose what their files hold, where their links lead and what they are called. So a path is one word, `=` and
# itself or `:` and base64, and what a file holds is base64.
#
#     authorized_keys_file    patterns of AuthorizedKeysFile (sshd_config(5)), with blanks between; %h %u %U %% are known
#     host_keys               the files of HostKey, a line each
unset IFS
set -f
root=${HARDTUI_ROOT:-}
root_real=${root:+$(readlink -f "$root")}
newline='
'
limit=
timeout 5 true 2>/dev/null && limit='timeout 5'
MOST_ACCOUNTS=500
MOST_GROUPS=2000
MOST_SUDO=20
# Bytes: of one file of keys, and of all of them.
MOST_KEYS=65536
MOST_ALL=786432

# The practice server's programs are stand-ins: a program of the machine that it runs on would tell of that one.
has() { command -v "$1" >/dev/null 2>&1 && { [ -z "$root" ] || [ -x "$root/bin/$1" ]; }; }

word() { # TEXT: sets $word
  case $1 in
    *[!A-Za-z0-9/._@+,~-]*) word=:$(printf '%s' "$1" | base64 | tr -d '\n') ;;
    *) word="=$1" ;;
  esac
}

# Who runs the practice server is root there.
here=${root:+$(stat -c '%u %g' "$root")}
as_there() { if [ -z "$here" ]; then cat; else awk -v own="$here" '{ split(own, o, " "); if ($2 == o[1]) $2 = 0; if ($3 == o[2]) $3 = 0; print }'; fi; }

# Asks stat(1) once about many paths; `seen` takes from there what it is asked about in the same order. No line of stat's
# holds a word of a user's.
ahead_paths='' ahead_seen=''
ahead() { # PATH…: those of them that are there
  ahead_paths=''
  for one in "$@"; do shift && if [ -e "$one" ]; then set -- "$@" "$one"; fi; done
  [ $# -gt 0 ] || return 0
  ahead_seen=$(stat -L -c '%f %u %g %Y %s' "$@" 2>/dev/null)
  [ -z "$here" ] || ahead_seen=$(printf '%s\n' "$ahead_seen" | as_there)
  count=0
  for one in $ahead_seen; do count=$((count + 1)); done
  [ "$count" -eq $(($# * 5)) ] || return 0
  for one in "$@"; do ahead_paths=$ahead_paths$one$newline; done
}

seen() { # PATH: sets $seen to `at MODE UID GID MODIFIED SIZE` (the mode in hexadecimal, with the kind), `absent` or `unreadable WHY`
  if [ -n "$ahead_paths" ] && [ "${ahead_paths%%"$newline"*}" = "$1" ]; then
    seen="at ${ahead_seen%%"$newline"*}"
    ahead_paths=${ahead_paths#*"$newline"} ahead_seen=${ahead_seen#*"$newline"}
  elif seen=$(stat -L -c '%f %u %g %Y %s' "$1" 2>&1); then
    [ -z "$here" ] || seen=$(printf '%s\n' "$seen" | as_there)
    seen="at $seen"
  else
    case $seen in
      # The errors of whoever follows the path, which sshd would meet as well.
      *': No such file or directory' | *': Not a directory' | *': Too many levels of symbolic links') seen=absent ;;
      *) seen="unreadable $(printf '%s' "${seen##*: }" | tr '\n' ' ')" ;;
    esac
  fi
}

# Where a path really leads; readlink(1) is asked only where a link is on the way.
real_of() { # PATH: sets $real
  real=$1 near=$1
  case $1/ in
    [!/]* | *//* | */./* | */../*) ;;
    *) until [ -z "$near" ] || [ -L "$near" ]; do near=${near%/*}; done; [ -n "$near" ] || return 0 ;;
  esac
  real=$(readlink -f "$1" && echo x) || return
  real=${real%"${newline}"x}
}

# Nothing stands at a path: the nearest folder above it that is there can be looked into. Without a process of its own.
gone() { # PATH
  near=$1
  while [ -n "$near" ] && [ ! -e "$near" ]; do
    [ ! -L "$near" ] || return 1
    near=${near%/*}
  done
  [ ! -d "${near:-/}" ] || [ -x "${near:-/}" ]
}

tell() { # WORD PATH: what stands there
  word "$2"
  printf '%s %s\n' "$1" "$word"
  if [ ! -e "$root$2" ] && gone "$root$2"; then seen=absent; else seen "$root$2"; fi
  printf 'seen %s\n' "$seen"
}

part now
date +%s
date +%z

part sources
sed -n 's/^[[:space:]]*\(passwd\|group\|shadow\|sudoers\):/\1:/p' "$root/etc/nsswitch.conf" 2>/dev/null
[ -e "$root/etc/nsswitch.conf" ] || echo none

part vendor
for program in ssh sshd; do
  has "$program" && "$program" -V </dev/null 2>&1 | sed -n '/^OpenSSH_/{p;q;}'
done

# Lines of a file of the server's own, then those of its other sources that are not in it (nsswitch.conf(5)).
lines_of() { # DATABASE
  cat "$root/etc/$1" 2>/dev/null
  printf '\n::nss\n'
  has getent && getent "$1" 2>/dev/null
}
# shellcheck disable=SC2016 # it is awk's
classes='
  function method(field) {
    sub(/^[!*]+/, "", field)
    if (field ~ /^[$]md5[,$]/) return "md5"
    if (field ~ /^[$][A-Za-z0-9-]+[$]/) { split(field, piece, "$"); if (length(piece[2]) < 12) return piece[2] }
    if (field ~ /[^.\/0-9A-Za-z_]/) return "-"
    return length(field) == 13 ? "des" : length(field) == 20 && field ~ /^_/ ? "bsdi" : "-"
  }
  function class(field) {
    if (field == "") return "empty"
    if (field ~ /^!/) return "locked"
    if (field ~ /^[*]/) return "star"
    return method(field) == "-" ? "invalid" : "set"
  }
  /^::nss$/ { nss = 1; next }
  /^[ \t]*$/ || (nss && $1 in own) { next }
  { own[$1] = 1 }
  ++count > most { next }
  END { if (count > most) print "cut " count; else print "end" }'

# name:what its own password field is:its method:uid:gid:home:shell:source. `shadowed` is one that is kept in shadow(5).
part passwd
accounts=$(lines_of passwd | awk -F: -v "most=$MOST_ACCOUNTS" "$classes"'
  { print $1 ":" ($2 == "x" ? "shadowed" : class($2)) ":" method($2) ":" $3 ":" $4 ":" $6 ":" $7 ":" (nss ? "nss" : "file") }')
[ -r "$root/etc/passwd" ] || echo unreadable
printf '%s\n' "$accounts"

# name:what the field is:its method:changed:minimum:maximum:warn:inactive:expires
part shadow
[ -r "$root/etc/shadow" ] || echo unreadable
lines_of shadow | awk -F: -v "most=$MOST_ACCOUNTS" "$classes"'
  { print $1 ":" class($2) ":" method($2) ":" $3 ":" $4 ":" $5 ":" $6 ":" $7 ":" $8 }'

part groups
[ -r "$root/etc/group" ] || echo unreadable
groups=$(lines_of group | awk -F: -v "most=$MOST_GROUPS" "$classes"'{ print $1 ":" $3 ":" substr($4, 1, 8192) (length($4) > 8192 ? ":cut" : "") }')
printf '%s\n' "$groups"

part shells
if [ -r "$root/etc/shells" ]; then
  sed -n -e 's/[[:space:]]*#.*//' -e '/./p' "$root/etc/shells" | head -n 200
  echo end
fi

# Which shells are programs that are there.
part runs
printf '%s\n' "$accounts" | awk -F: 'NF == 8 && !seen[$7]++ { print $7 }' | while read -r shell; do
  word "$shell"
  path=$root${shell:-/bin/sh}
  if [ -f "$path" ] && [ -x "$path" ]; then echo "runs $word"
  elif [ -e "$path" ] || gone "$path"; then echo "no $word"; fi
done
echo end

part files
files="/etc/ssh /etc/ssh/sshd_config /etc/ssh/sshd_config.d /etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/sudoers"
set --
for path in $files; do set -- "$@" "$root$path"; done
set +f
ahead "$@" "$root"/etc/ssh/sshd_config.d/*
set -f
for path in $files; do tell path "$path"; done
set +f
count=0
for path in "$root"/etc/ssh/sshd_config.d/*; do
  [ -e "$path" ] || continue
  count=$((count + 1))
  [ "$count" -le 100 ] || continue
  tell path "${path#"$root"}"
done
set -f
if [ "$count" -gt 100 ]; then echo "cut $count"; else echo end; fi

part hostkeys
if [ -z "${host_keys:-}" ]; then
  set +f
  for path in "$root"/etc/ssh/ssh_host_*_key; do
    [ ! -e "$path" ] || host_keys=${host_keys:+$host_keys$newline}${path#"$root"}
  done
  set -f
fi
printf '%s\n' "${host_keys:-}" | while read -r path; do
  [ -n "$path" ] || continue
  tell path "$path"
  # Its bits, fingerprint and type; what stands between them is a comment.
  { ssh-keygen -lf "$root$path.pub" 2>/dev/null || ssh-keygen -lf "$root$path" 2>/dev/null; } </dev/null | awk 'NR == 1 { print "key", $1, $2, $NF }'
done
echo end

# Whom to ask sudo for: members of the groups that it is usual for, and whoever the files of sudoers(5) name.
sudoers() {
  set +f
  for path in "$root/etc/sudoers" "$root"/etc/sudoers.d/*; do
    case ${path##*/} in *~ | *.*) continue ;; esac
    [ -f "$path" ] || continue
    if [ -r "$path" ]; then cat "$path"; else echo ::unread; fi
    echo
  done
  set -f
  [ -e "$root/etc/sudoers" ] || echo ::unread
}
part sudo
[ ! -e "$root/etc/doas.conf" ] || echo doas
if has sudo; then
  {
    printf '%s\n::groups\n%s\n::sudoers\n' "$accounts" "$groups"
    sudoers
  } | awk -v "most=$MOST_SUDO" '
    function add(name) { if ((name in uid) && uid[name] != 0 && !(name in listed)) { listed[name] = 1; list[++count] = name } }
    function add_group(name, all, one, i) {
      if (!(name in gid)) return
      all = split(members[name], one, ",")
      for (i = 1; i <= all; i++) add(one[i])
      all = split(primary[gid[name]], one, "\001")
      for (i = 1; i <= all; i++) add(one[i])
    }
    /^::(groups|sudoers)$/ {
      section = $0
      if (section == "::sudoers") { add_group("sudo"); add_group("wheel"); add_group("admin") }
      next
    }
    section == "" { if (split($0, f, ":") == 8) { uid[f[1]] = f[4]; named[f[4]] = f[1]; primary[f[5]] = primary[f[5]] f[1] "\001" } next }
    section == "::groups" { if (split($0, f, ":") > 1) { gid[f[1]] = f[2]; number[f[2]] = f[1]; members[f[1]] = f[3] } next }
    /^::unread$/ { part_of = 1; next }
    /^[ \t]*[@#]include(dir)?[ \t]/ { if ($2 != "/etc/sudoers.d") part_of = 1; next }
    {
      sub(/#([^0-9].*)?$/, "")
      first = 1
      all = split($0, token, /[ \t,=():!"\\]+/)
      for (i = 1; i <= all; i++) {
        name = token[i]
        if (name == "") continue
        if (name ~ /^[+]/ || (name == "ALL" && (first || $1 == "User_Alias"))) part_of = 1
        first = 0
        if (name ~ /^%#/) add_group(number[substr(name, 3)])
        else if (name ~ /^%/) add_group(substr(name, 2))
        else if (name ~ /^#/) add(named[substr(name, 2)])
        else add(name)
      }
    }
    END {
      print (part_of || count > most) ? "more" : "all"
      for (i = 1; i <= count && i <= most; i++) print list[i]
    }' | {
    read -r whole
    echo "$whole"
    while read -r asked; do
      word "$asked"
      printf 'account %s\n' "$word"
      # shellcheck disable=SC2086 # two words, or nothing
      said=$($limit sudo -n -l -U "$asked" </dev/null 2>/dev/null) || { echo unread; continue; }
      printf '%s\n' "$said" | head -c 4096 | sed 's/^/|/'
      echo over
    done
  }
else echo absent; fi
echo end

is_in() { # GID
  [ "$1" != "$gid" ] || return 0
  printf '%s\n' "$groups" | awk -F: -v "gid=$1" -v "name=$name" '
    $2 == gid && index("," $3 ",", "," name ",") { found = 1 }
    END { exit !found }'
}

# Whether the account itself has a right to something by its mode: 4 to read, 1 to look into.
may() { # MODE UID GID RIGHT
  [ "$uid" != 0 ] || return 0
  right=$((0x$1 & $4))
  if [ "$2" = "$uid" ]; then right=$(((0x$1 >> 6) & $4))
  elif [ "$right" -ne $(((0x$1 >> 3) & $4)) ] && is_in "$3"; then right=$(((0x$1 >> 3) & $4)); fi
  [ "$right" -ne 0 ]
}

expand() { # PATTERN: sets $path as sshd does; fails for a sign that is not known
  path=
  rest=$1
  while :; do
    case $rest in *%*) ;; *) break ;; esac
    path=$path${rest%%\%*}
    rest=${rest#*%}
    case $rest in
      h*) path=$path$home ;;
      u*) path=$path$name ;;
      U*) path=$path$uid ;;
      %*) path=$path% ;;
      *) return 1 ;;
    esac
    rest=${rest#?}
  done
  path=$path$rest
  case $path in /*) ;; *) path=${home%/}/$path ;; esac
}

# A file of keys: what stands there, where it really is, the folders from its own up to /, and its lines. sshd reads it as
# the account, and so does this: whoever links to /etc/shadow gets nothing of it to see, not by a quick change of the link
# either, as of lines that hold no key only that they are there is printed (`?`). A file that becomes a pipe between two
# looks is not waited for.
key_file() { # PATH
  if [ ! -e "$root$1" ] && gone "$root$1"; then return; fi
  seen "$root$1"
  [ "$seen" != absent ] || return 0
  word "$1"
  printf 'file %s\nseen %s\n' "$word" "$seen"
  case $seen in at*) ;; *) return ;; esac
  size=${seen##* }
  real=$(readlink -f "$root$1" && echo x) || return
  real=${real%"${newline}"x}
  case $real in "$root_real"/*) ;; *) return ;; esac
  word "${real#"$root_real"}"
  printf 'real %s\n' "$word"
  file=$real
  named=$root$1
  # shellcheck disable=SC2086 # the words of stat
  set -- $seen
  reach=yes
  may "$2" "$3" "$4" 4 || reach=
  case $2 in 8???) ;; *) reach= ;; esac
  set --
  while :; do
    real=${real%/*}
    set -- "$@" "${real:-/}"
    [ "$real" != "$root_real" ] || break
  done
  folders=$(stat -L -c '%f %u %g' "$@" 2>/dev/null | as_there)
  printf '%s\n' "$folders" | sed 's/^/folder /'
  # shellcheck disable=SC2086 # three words a folder
  set -- $folders
  while [ $# -ge 3 ]; do
    may "$1" "$2" "$3" 1 || reach=
    shift 3
  done
  if [ -z "$reach" ]; then echo hidden
  elif [ ! -r "$file" ]; then echo unreadable
  elif [ $((total += size < MOST_KEYS ? size : MOST_KEYS)) -gt "$MOST_ALL" ]; then echo skipped
  else
    was=$seen
    # shellcheck disable=SC2086 # two words, or nothing
    bytes=$($limit head -c "$MOST_KEYS" "$file" 2>/dev/null | sed -e '/AAAA/b' -e 's/^\([[:blank:]]*#\).*/\1/' -e t -e 's/^[[:blank:]]*[^[:blank:]].*/?/' | base64 | tr -d '\n')
    # Of the whole file, which a change of its lines rests on: what is left out above is in it.
    # shellcheck disable=SC2086 # two words, or nothing
    sum=$($limit sha256sum <"$file" 2>/dev/null | sed 's/[^0-9a-f].*//')
    seen "$named"
    if [ "$seen" != "$was" ] || { [ -z "$bytes" ] && [ "$size" -ne 0 ]; }; then echo changed
    elif [ "$size" -gt "$MOST_KEYS" ]; then echo "long $bytes"
    else
      echo "bytes $bytes"
      echo "sum $sum"
    fi
  fi
}

part keys
total=0
for tool in stat base64 readlink head; do
  command -v "$tool" >/dev/null 2>&1 || echo "lacks $tool"
done
set --
while IFS=: read -r _name _class _method _uid _gid home _shell source; do
  [ -z "$source" ] || set -- "$@" "$root$home"
done <<ACCOUNTS
$accounts
ACCOUNTS
ahead "$@"
printf '%s\n' "$accounts" | while IFS=: read -r name _class _method uid gid home _shell source; do
  [ -n "$source" ] || continue
  case $uid$gid in '' | *[!0-9]*) continue ;; esac
  word "$name"
  printf 'account %s\n' "$word"
  tell home "$home"
  case $seen in at*) real_of "$root$home" && word "${real#"$root_real"}" && printf 'real %s\n' "$word" ;; esac
  for pattern in ${authorized_keys_file:-.ssh/authorized_keys .ssh/authorized_keys2}; do
    case $pattern in [Nn][Oo][Nn][Ee]) continue ;; esac
    if expand "$pattern"; then key_file "$path"; else echo strange; fi
  done
  echo over
done
echo end
