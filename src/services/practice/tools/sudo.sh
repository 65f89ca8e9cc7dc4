#!/bin/sh
# Stands in for sudo(8), -l -U NAME too, and for visudo(8) -c, by the sudoers(5) of the practice server: Defaults, rules of
# users and groups, NOPASSWD, @include and @includedir. Aliases are taken and mean nothing. Other files may be mounted over
# its own (mount.sh).
etc=$HARDTUI_ROOT/etc
kernel=${HARDTUI_KERNEL:-$HARDTUI_ROOT/kernel}
main=$etc/sudoers folder=$etc/sudoers.d
[ ! -e "$kernel/sudoers" ] || main=$kernel/sudoers
[ ! -e "$kernel/sudoers.d" ] || folder=$kernel/sudoers.d

# The files that are read, in their order: the path, TAB, the place that it is read in.
files() {
  printf '%s\t%s\n' "$main" "$etc/sudoers"
  grep -q '^[@#]includedir[[:space:]]' "$main" || return 0
  for file in "$folder"/*; do
    case ${file##*/} in *~ | *.*) continue ;; esac
    [ ! -f "$file" ] || printf '%s\t%s\n' "$file" "$etc/sudoers.d/${file##*/}"
  done
}

case ${0##*/} in
visudo)
  [ "${HARDTUI_AS:-0}" = 0 ] || { echo 'visudo: /etc/sudoers: Permission denied' >&2; exit 1; }
  files | while IFS='	' read -r file shown; do
    awk -v shown="$shown" '
      { whole = whole $0 }
      /\\$/ { sub(/\\$/, "", whole); next }
      {
        line = whole
        whole = ""
        if (line ~ /^[ \t]*$/ || line ~ /^[ \t]*#/ || line ~ /^[ \t]*@include(dir)?[ \t]+[^ \t]/) next
        if (line ~ /^[ \t]*Defaults([@:!>][^ \t]+)?[ \t]+[^ \t]/) next
        if (line ~ /^[ \t]*(User|Runas|Host|Cmnd|Cmd)_Alias[ \t]+[A-Z][A-Z0-9_]*[ \t]*=[ \t]*[^ \t]/) next
        if (line ~ /^[ \t]*[^ \t=]+[ \t]+[^=]*=[ \t]*(\([^()]*\))?[ \t]*[^ \t()]/) next
        print shown ":" FNR ":1: syntax error" > "/dev/stderr"
        bad = 1
        exit
      }
      END { exit bad }' "$file" || exit 1
    echo "$shown: parsed OK"
  done
  exit
  ;;
esac

# What of the rules is for somebody, a rule a line, as sudo -l prints it: `(ALL : ALL) NOPASSWD: ALL`.
rules_for() { # NAME
  name=$1 groups=$(id -Gn "$1" 2>/dev/null) uid=$(id -u "$1" 2>/dev/null)
  export name groups uid
  files | cut -f 1 | while read -r file; do cat "$file"; echo; done | awk '
    BEGIN { n = split(ENVIRON["groups"], list, " "); for (i = 1; i <= n; i++) group[list[i]] }
    /^[ \t]*([@#]|Defaults|[A-Z][a-z]+_Alias)/ && !/^[ \t]*#[0-9]/ { next }
    NF < 2 || !/=/ { next }
    {
      who = substr($1, 2)
      if ($1 != "ALL" && $1 != ENVIRON["name"] && !($1 ~ /^%/ && who in group) && !($1 ~ /^#/ && who == ENVIRON["uid"])) next
      what = $0
      sub(/^[^=]*=[ \t]*/, "", what)
      as = "root"
      if (match(what, /^\([^)]*\)/)) { as = substr(what, 2, RLENGTH - 2); what = substr(what, RLENGTH + 1) }
      gsub(/[ \t]*:[ \t]*/, " : ", as)
      gsub(/NOPASSWD:[ \t]*/, "NOPASSWD: ", what)
      sub(/^[ \t]+/, "", what)
      print "(" as ") " what
    }'
}

silent='' stdin='' list='' whom=''
while [ $# -gt 0 ]; do
  case $1 in
  -n) silent=yes ;;
  -S) stdin=yes ;;
  -l) list=yes ;;
  -U) whom=$2 && shift ;;
  -p | -u) shift ;;
  -V) echo 'Sudo version 1.9.13p3'; exit 0 ;;
  --) shift; break ;;
  -*) ;;
  *) break ;;
  esac
  shift
done
me=$(id -un)
if [ -n "$list" ]; then
  rules=$(rules_for "${whom:-$me}")
  [ -n "$rules" ] || { echo "User ${whom:-$me} is not allowed to run sudo on practice."; exit 0; }
  printf 'User %s may run the following commands on practice:\n' "${whom:-$me}"
  printf '%s\n' "$rules" | sed 's/^/    /'
  exit 0
fi
if [ "${HARDTUI_AS:-0}" != 0 ]; then
  # The last rule that fits decides.
  rule=$(rules_for "$me" | grep -E '^\((ALL|root)[ :)].* ALL$' | tail -n 1)
  case $rule in
  *NOPASSWD:*) ;;
  *)
    [ -z "$silent" ] || { echo 'sudo: a password is required' >&2; exit 1; }
    [ -n "$stdin" ] || { echo 'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper' >&2; exit 1; }
    IFS= read -r password || { echo 'sudo: no password was provided' >&2; exit 1; }
    printf '%s\n' "$password" | HARDTUI_AS='' "$HARDTUI_ROOT/bin/tool" check-password "$me" || { echo 'sudo: 1 incorrect password attempt' >&2; exit 1; }
    [ -n "$rule" ] || { echo "$me is not in the sudoers file." >&2; exit 1; }
    ;;
  esac
  unset HARDTUI_AS
  # From here on it is root's process, and no longer one of the account's (proc.ts).
  rm -rf "${HARDTUI_ROOT:?}/proc/$$"
fi
exec "$@"
